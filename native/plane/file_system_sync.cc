#include "plane/file_system_sync.h"

#include "os/plain_sync.h"

namespace milena {

size_t FileSystemSync::files_min() const {
  if (otherwise_) return otherwise_->files_min();
  return has_failed_ ? SIZE_MAX : file_system_sync_files_min;
}

void FileSystemSync::run(std::span<const BegunSync> files) {
  if (!has_failed_ && files.size() >= file_system_sync_files_min) {
    if (flush_()) {
      for (const BegunSync& file : files) file.item->synced({});
      return;
    }
    // Some file has lost data, perhaps none of these and perhaps one that is not in this round. The file itself knows and tells its own
    // fdatasync, now or in a later round; another syncfs would find nothing wrong. So there is none any more.
    has_failed_ = true;
  }
  if (otherwise_) return otherwise_->run(files);
  for (const BegunSync& file : files) file.item->synced(plain_sync(file.descriptor));
}

}  // namespace milena
