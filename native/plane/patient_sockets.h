// Connections whose next bytes may wait a little: each of their last requests was one for whose answer nobody waits. While few of them
// come they are seen at once, like all others. While many come the reactor is not woken for each: it looks for them at the clock's
// whole multiples of look_interval_ns, as all reactors do, so that main is woken for what all of them have found.
// An epoll set inside the reactor's own, which is told of it only while it does not look by itself.
// Owner: Reactor. Thread: its reactor's.
#pragma once
#include <sys/epoll.h>

#include <cstdint>
#include <span>

#include "base/status.h"
#include "base/unique_fd.h"

namespace milena {

inline constexpr int64_t look_interval_ns = 10'000'000;

class PatientSockets {
 public:
  // In `outer`, where its events carry `self`.
  Status open(int outer, void* self);
  int descriptor() const { return inner_.get(); }

  // Their events, as many as there is room for; the rest are there in the next look.
  std::span<epoll_event> look(std::span<epoll_event> into, int64_t now_ns);
  // Found by looking, not by being woken: they have waited for company already.
  bool gathers() const { return gathers_; }
  // When to look again without being woken; INT64_MAX: not before.
  int64_t next_look_ns() const { return next_look_ns_; }

 private:
  bool has_company(int64_t now_ns);
  void gather(bool on);

  UniqueFd inner_;
  int outer_ = -1;
  void* self_ = nullptr;
  bool gathers_ = false;
  int64_t next_look_ns_ = INT64_MAX;
  // The last two times it was woken.
  int64_t woken_ns_ = INT64_MIN / 2;
  int64_t woken_before_ns_ = INT64_MIN / 2;
};

}  // namespace milena
