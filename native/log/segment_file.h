// An open segment file. Readers hold it by shared_ptr, so that its descriptor stays valid while the log evicts, rolls or deletes.
// Thread: any.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "log/transaction_index.h"
#include "os/file.h"

namespace milena {

// Bytes of a file whose reading was begun ahead of need: [from, until). Their pages are in memory before their contents are. One stretch: of
// several readers of a file it is the last one's. Thread: any; a torn look costs a detour, or a wait for what is on its way.
class ReadAhead {
 public:
  bool overlaps(uint64_t position, uint64_t size) const {
    const uint64_t from = from_.load(std::memory_order_relaxed);
    return from < until() && position < until() && position + size > from;
  }
  uint64_t until() const { return until_.load(std::memory_order_relaxed); }
  void set(uint64_t from, uint64_t until) {
    from_.store(from, std::memory_order_relaxed);
    until_.store(until, std::memory_order_relaxed);
  }

 private:
  std::atomic<uint64_t> from_{0};
  std::atomic<uint64_t> until_{0};
};

class SegmentFile {
 public:
  explicit SegmentFile(std::unique_ptr<File> file) : file_(std::move(file)) {}
  int descriptor() const { return file_->descriptor(); }  // -1 on file systems in memory: use read_at
  Result<size_t> read_at(uint64_t position, MutableBytes into) const { return file_->read_at(position, into); }
  File& file() { return *file_; }
  const File& file() const { return *file_; }

  // The index files beside it, opened when first asked for by somebody who may wait; Errc::would_wait for others until then. They live
  // as long as this does.
  Result<const File*> offset_index(FileSystem& files, const std::string& path, Patience patience) { return companion(offset_index_, files, path, patience); }
  Result<const File*> time_index(FileSystem& files, const std::string& path, Patience patience) { return companion(time_index_, files, path, patience); }

  // What the transaction index of a segment says that is not written any more; null until somebody has read it, and for long ones.
  std::shared_ptr<const std::vector<AbortedEntry>> aborted() const;
  void keep_aborted(std::shared_ptr<const std::vector<AbortedEntry>> entries);
  void forget_aborted() { keep_aborted(nullptr); }

  ReadAhead& read_ahead() { return read_ahead_; }

  void mark_used() { used_.store(true, std::memory_order_relaxed); }
  bool take_used() { return used_.exchange(false, std::memory_order_relaxed); }

 private:
  Result<const File*> companion(std::unique_ptr<File>& slot, FileSystem& files, const std::string& path, Patience patience);

  std::unique_ptr<File> file_;
  std::atomic<bool> used_{false};
  ReadAhead read_ahead_;
  mutable std::mutex mutex_;  // guards the pointers while they are set
  std::unique_ptr<File> offset_index_;
  std::unique_ptr<File> time_index_;
  std::shared_ptr<const std::vector<AbortedEntry>> aborted_;
};

}  // namespace milena
