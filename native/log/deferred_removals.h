// Files and directories that are renamed away and removed later (file.delete.delay.ms), so that readers which still hold them finish.
// Thread: any; run_due by one thread at a time (the lane).
#pragma once
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "os/file.h"

namespace milena {

class DeferredRemovals {
 public:
  explicit DeferredRemovals(FileSystem& files) : files_(files) {}
  void add(std::string path, bool directory, int64_t due_ms);
  // Removes what is due; returns how many. A path that is gone already counts; one that cannot be removed is kept.
  size_t run_due(int64_t now_ms);
  // When the next one is due; INT64_MAX: none.
  int64_t next_due_ms() const;
  size_t pending() const;

 private:
  Status remove_tree(const std::string& path);

  struct Removal {
    std::string path;
    bool directory = false;
    int64_t due_ms = 0;
  };
  FileSystem& files_;
  mutable std::mutex mutex_;
  std::vector<Removal> removals_;
};

}  // namespace milena
