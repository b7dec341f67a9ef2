#include "os/file_system_flush.h"

#include <fcntl.h>
#include <sys/utsname.h>

#include <cerrno>
#include <cstdio>
#include <utility>

namespace milena {

namespace {

// 5.8 told of lost pages, 5.17 of a journal that could not be written.
constexpr std::pair honest_since{5, 17};

}  // namespace

Status FileSystemFlush::supported() {
  utsname system{};
  std::pair<int, int> version{0, 0};
  if (::uname(&system) != 0 || std::sscanf(system.release, "%d.%d", &version.first, &version.second) != 2) return Status::io(ENOSYS);
  return version >= honest_since ? Status{} : Status::io(ENOSYS);
}

Result<std::unique_ptr<FileSystemFlush>> FileSystemFlush::open(const std::string& directory) {
  if (const Status status = supported(); !status) return status;
  UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return Status::io(errno);
  return std::unique_ptr<FileSystemFlush>(new FileSystemFlush(std::move(fd)));
}

Status FileSystemFlush::run() {
  while (::syncfs(fd_.get()) != 0) {
    if (errno != EINTR) return Status::io(errno);
  }
  return {};
}

}  // namespace milena
