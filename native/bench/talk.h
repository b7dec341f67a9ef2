// What is said on one connection: a Talk is asked for bytes whenever the connection may send, and is given every answer. It
// knows nothing of sockets. Thread: that of its Loop.
#pragma once
#include <cstdint>
#include <limits>

#include "base/types.h"

namespace milena::bench {

inline constexpr int64_t never_ns = std::numeric_limits<int64_t>::max();

// Bytes to be sent one after the other; either may be empty. Valid until the Talk is asked for more.
struct Outgoing {
  Bytes head;
  Bytes body;
  bool empty() const { return head.empty() && body.empty(); }
};

class Talk {
 public:
  virtual ~Talk() = default;
  // The load lasts from `now_ns` to `deadline_ns`; what is under way then is waited for.
  virtual void begin(int64_t now_ns, int64_t deadline_ns) = 0;
  // What is to be sent now; nothing when it is not time or too much is under way.
  virtual Outgoing next(int64_t now_ns) = 0;
  // When next() will have something although no answer came; never_ns for a load that follows its answers.
  virtual int64_t due_ns() const { return never_ns; }
  // A whole answer, without its length. False when it is not what the protocol says: the connection cannot go on.
  virtual bool take(Bytes answer, int64_t now_ns) = 0;
  // After the deadline: nothing is under way any more.
  virtual bool quiet() = 0;
  // The largest answer that is worth waiting for.
  virtual size_t answer_bytes_max() const = 0;
};

}  // namespace milena::bench
