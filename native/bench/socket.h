// A blocking connection to a broker that takes whole answers out of large reads. Thread: one.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/types.h"
#include "base/unique_fd.h"
#include "bench/options.h"

namespace milena::bench {

class Socket {
 public:
  // Empty on success, else what failed, in words.
  std::string connect(const Target& target);

  bool send(Bytes bytes);

  // Waits up to `wait_ns` for bytes to read; true at once when a whole answer may lie here already.
  bool readable(int64_t wait_ns) const;

  // The next answer without its length, valid until the next call; empty when the connection is gone.
  Bytes receive();

  // True when a whole answer lies here: receive() will not block.
  bool holds_answer() const;

 private:
  bool fill(size_t wanted);

  UniqueFd fd_;
  std::vector<std::byte> buffer_ = std::vector<std::byte>(1 << 16);
  size_t from_ = 0, to_ = 0;  // bytes received and not taken yet: [from_, to_)
};

}  // namespace milena::bench
