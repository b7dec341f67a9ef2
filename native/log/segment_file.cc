#include "log/segment_file.h"

namespace milena {
namespace {

constexpr size_t aborted_kept_max = 1024;  // entries, 32 KB

}  // namespace

std::shared_ptr<const std::vector<AbortedEntry>> SegmentFile::aborted() const {
  const std::lock_guard lock(mutex_);
  return aborted_;
}

void SegmentFile::keep_aborted(std::shared_ptr<const std::vector<AbortedEntry>> entries) {
  const std::lock_guard lock(mutex_);
  if (!entries || entries->size() <= aborted_kept_max) aborted_ = std::move(entries);
}

Result<const File*> SegmentFile::companion(std::unique_ptr<File>& slot, FileSystem& files, const std::string& path, Patience patience) {
  {
    const std::lock_guard lock(mutex_);
    if (slot) return slot.get();
  }
  if (patience == Patience::never_waits) return Status{Errc::would_wait};
  auto file = files.open(path, OpenMode::read);
  if (!file) return file.why();
  const std::lock_guard lock(mutex_);
  if (!slot) slot = std::move(*file);
  return slot.get();
}

}  // namespace milena
