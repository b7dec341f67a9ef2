// How the files of one round of group commit are synced: never one after the other.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "os/writeback.h"
#include "plane/syncable.h"
#include "plane/worker_pool.h"

namespace milena {

inline constexpr size_t sync_threads_max = 8;  // of one lane, for rounds of several files

// Returns when each of the round has been synced and told so. Thread: one at a time.
class SyncBackend {
 public:
  virtual ~SyncBackend() = default;
  virtual void run(std::span<const std::shared_ptr<Syncable>> round) = 0;
};

// A sync that has begun and needs an fdatasync of `descriptor`, whose writeback is under way.
struct BegunSync {
  Syncable* item;
  int descriptor;
};

// Syncs descriptors with fewer calls than there are descriptors.
class BatchSync {
 public:
  virtual ~BatchSync() = default;
  // Tells each item as it is done.
  virtual void run(std::span<const BegunSync> files) = 0;
  // Rounds of fewer files are better left to threads.
  virtual size_t files_min() const = 0;
};

// A file alone is synced by the calling thread. Of several, those that one fdatasync completes have their writeback started, which lets
// their journal transactions and disk flushes be shared, and then go to `batch`; all else, or without a batch everything, to threads,
// which are started when a round first has more than one file.
class RoundSync final : public SyncBackend {
 public:
  explicit RoundSync(size_t threads_max, std::unique_ptr<BatchSync> batch = nullptr)
      : threads_max_(threads_max), batch_(std::move(batch)), pool_("milena-sync", threads_max) {}
  void run(std::span<const std::shared_ptr<Syncable>> round) override;

 private:
  struct Calls;
  void begin(std::span<const std::shared_ptr<Syncable>> round, Calls& calls);

  const size_t threads_max_;
  const std::unique_ptr<BatchSync> batch_;
  WorkerPool pool_;
  std::vector<BegunSync> begun_;  // of the round, for batch_
  Writeback writeback_;
};

}  // namespace milena
