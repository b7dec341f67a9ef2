#include "log/segment_file.h"

namespace milena {

Result<const File*> SegmentFile::companion(std::unique_ptr<File>& slot, FileSystem& files, const std::string& path) {
  {
    const std::lock_guard lock(mutex_);
    if (slot) return slot.get();
  }
  auto file = files.open(path, OpenMode::read);
  if (!file) return file.why();
  const std::lock_guard lock(mutex_);
  if (!slot) slot = std::move(*file);
  return slot.get();
}

}  // namespace milena
