// An open segment file. Readers hold it by shared_ptr, so that its descriptor stays valid while the log evicts, rolls or deletes.
// Thread: any.
#pragma once
#include <atomic>
#include <memory>
#include <utility>

#include "os/file.h"

namespace milena {

class SegmentFile {
 public:
  explicit SegmentFile(std::unique_ptr<File> file) : file_(std::move(file)) {}
  int descriptor() const { return file_->descriptor(); }  // -1 on file systems in memory: use read_at
  Result<size_t> read_at(uint64_t position, MutableBytes into) const { return file_->read_at(position, into); }
  File& file() { return *file_; }
  const File& file() const { return *file_; }

  void mark_used() { used_.store(true, std::memory_order_relaxed); }
  bool take_used() { return used_.exchange(false, std::memory_order_relaxed); }

 private:
  std::unique_ptr<File> file_;
  std::atomic<bool> used_{false};
};

}  // namespace milena
