// syncfs: everything written to one file system becomes durable with one call, whoever wrote it.
// Thread: one at a time.
#pragma once
#include <memory>
#include <string>

#include "base/status.h"
#include "base/unique_fd.h"

namespace milena {

class FileSystemFlush {
 public:
  // ENOSYS: this kernel's syncfs hides errors (before Linux 5.17).
  static Status supported();
  // Of the file system that holds `directory`.
  static Result<std::unique_ptr<FileSystemFlush>> open(const std::string& directory);
  // Ok: everything written before the call, to any file of the file system, is durable. A failure says that some file has lost data since
  // the last call, not which.
  Status run();

 private:
  explicit FileSystemFlush(UniqueFd fd) : fd_(std::move(fd)) {}
  const UniqueFd fd_;
};

}  // namespace milena
