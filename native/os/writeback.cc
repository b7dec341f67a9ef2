#include "os/writeback.h"

#include <fcntl.h>

#include <cerrno>

namespace milena {

// What fails here must not be left to fdatasync, which may not hear of it: pages that could not be given a place on the disk are gone.
Status Writeback::start(const File& file) {
  const int descriptor = file.descriptor();
  if (descriptor < 0 || !is_possible_) return {};
  if (::sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE) == 0) return {};
  if (errno == EIO || errno == ENOSPC || errno == EDQUOT) return Status::io(errno);
  is_possible_ = false;  // forbidden, or not known to this file system
  return {};
}

}  // namespace milena
