// fdatasync without a File around it.
#pragma once
#include <unistd.h>

#include <cerrno>

#include "base/status.h"

namespace milena {

inline Status plain_sync(int descriptor) {
  while (::fdatasync(descriptor) != 0) {
    if (errno != EINTR) return Status::io(errno);
  }
  return {};
}

}  // namespace milena
