// `.lock` in a log directory: one broker at a time, be it Milena (of this process too) or Apache Kafka.
#pragma once
#include <string>

#include "base/status.h"
#include "base/unique_fd.h"

namespace milena {

class DirectoryLock {
 public:
  // Errc::locked when somebody has it, Errc::io otherwise. The directory must exist. Released by the destructor or release().
  Status take(const std::string& directory);
  void release() { fd_.reset(); }
  bool held() const { return static_cast<bool>(fd_); }

 private:
  UniqueFd fd_;
};

}  // namespace milena
