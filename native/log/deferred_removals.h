// Files and directories that are renamed away and removed later (file.delete.delay.ms), so that readers which still hold them finish.
// Thread: any; run_due by one thread at a time: the one that the lane has for it, because an unlink may take long.
#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "os/file.h"

namespace milena {

inline constexpr int64_t removal_retry_ms = 60'000;  // what could not be removed is tried again then

class DeferredRemovals {
 public:
  explicit DeferredRemovals(FileSystem& files) : files_(files) {}
  void add(std::string path, bool directory, int64_t due_ms);
  // Removes what is due; returns how many. A path that is gone already counts; one that cannot be removed is kept. Once `stop` is set it
  // returns after the call it is in; the rest stays for the next start.
  size_t run_due(int64_t now_ms, const std::atomic<bool>* stop = nullptr);
  // When the next one is due; INT64_MAX: none.
  int64_t next_due_ms() const;
  size_t pending() const;

 private:
  struct Removal {
    std::string path;
    bool directory = false;
  };
  std::optional<Removal> take_due(int64_t now_ms);
  Status remove_tree(const std::string& path, const std::atomic<bool>* stop);

  FileSystem& files_;
  mutable std::mutex mutex_;
  std::multimap<int64_t, Removal> removals_;  // by when they are due, in milliseconds; guarded by mutex_
};

}  // namespace milena
