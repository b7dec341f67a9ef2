// A connection to a broker: blocking until everything is set up, then without waiting. It takes whole answers out of large reads.
// Thread: one at a time.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "base/types.h"
#include "base/unique_fd.h"
#include "bench/options.h"
#include "bench/talk.h"

namespace milena::bench {

// How far a call without waiting got.
enum class Progress : uint8_t { done, blocked, closed };

// What lies at the front of the bytes received.
enum class Front : uint8_t { nothing, answer, nonsense };

class Socket {
 public:
  // Empty on success, else what failed, in words.
  std::string connect(const Target& target);

  // Sends a request and waits for its answer; empty when the connection is gone or answers nonsense. Only before unblock().
  Bytes call(Bytes request, size_t answer_bytes_max);

  void unblock();
  int fd() const { return fd_.get(); }

  // Sends what it can of `out` and leaves the rest there.
  Progress send(Outgoing& out);

  // Reads once. done: there may be more; blocked: nothing more is there now.
  Progress fill();

  // The next whole answer, without its length, valid until the next fill().
  Front take(size_t answer_bytes_max, Bytes& answer);

 private:
  void make_room();

  UniqueFd fd_;
  std::vector<std::byte> buffer_ = std::vector<std::byte>(1 << 16);
  size_t from_ = 0, to_ = 0;  // bytes received and not taken yet: [from_, to_)
  size_t wanted_ = 0;         // of the whole answer at the front, as far as its length is known
};

}  // namespace milena::bench
