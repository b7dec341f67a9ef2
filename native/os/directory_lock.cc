#include "os/directory_lock.h"

#include <fcntl.h>

#include <cerrno>

namespace milena {

Status DirectoryLock::take(const std::string& directory) {
  UniqueFd fd(::open((directory + "/.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!fd) return Status::io(errno);
  // An open-file-description lock: it conflicts with the POSIX lock a Java broker takes, and, unlike that one, also with a second
  // broker of this process.
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(fd.get(), F_OFD_SETLK, &whole) != 0) {
    if (errno == EAGAIN || errno == EACCES) return {Errc::locked, errno};
    return Status::io(errno);
  }
  fd_ = std::move(fd);
  return {};
}

}  // namespace milena
