// Open segment files of one log directory that nobody needs right now: the most recently used stay open. Thread: any.
#pragma once
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "log/segment_file.h"

namespace milena {

class DescriptorCache {
 public:
  explicit DescriptorCache(size_t files_max) : files_max_(files_max) {}
  // Keeps `file` open until others push it out. Files that were used since they were last looked at get a second chance.
  void keep(std::shared_ptr<SegmentFile> file);
  // Of a file that is going to be removed: an open descriptor would keep its bytes on the disk.
  void drop(const std::shared_ptr<SegmentFile>& file);
  void clear();
  size_t size() const;

 private:
  const size_t files_max_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<SegmentFile>> files_;
  size_t hand_ = 0;  // where the clock looks next
};

}  // namespace milena
