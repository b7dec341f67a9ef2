#include "os/boot_id.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "base/unique_fd.h"

namespace milena {

std::string machine_boot_id() {
  const UniqueFd fd(::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
  if (!fd) return {};
  std::array<char, 64> text;
  const ssize_t got = ::read(fd.get(), text.data(), text.size());
  if (got <= 0) return {};
  std::string id(text.data(), static_cast<size_t>(got));
  while (!id.empty() && id.back() == '\n') id.pop_back();
  return id;
}

}  // namespace milena
