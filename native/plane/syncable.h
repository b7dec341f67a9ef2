// Something that group commit makes durable. Thread: whoever runs the round; one sync at a time.
#pragma once
#include <atomic>

#include "base/status.h"
#include "os/file.h"

namespace milena {

// What a sync takes.
struct SyncStart {
  File* file = nullptr;  // its sync, and nothing else; null: Syncable::sync()
  bool is_done = false;  // nothing at all
};

class Syncable {
 public:
  virtual ~Syncable() = default;
  // Begins a sync; synced() ends it. Makes no file call and waits for nothing, so that a round can begin all its syncs and then hand the
  // files to the kernel together. Default: it takes sync().
  virtual SyncStart begin_sync() { return {}; }
  virtual Status sync() = 0;               // blocking; everything appended before the call is durable when it returns ok
  virtual void synced(Status status) = 0;  // publishes what a sync achieved; called once after each

 private:
  friend class GroupCommit;
  std::atomic<bool> asked_{false};  // waits for the next round
};

}  // namespace milena
