#include "plane/patient_sockets.h"

#include <cerrno>

namespace milena {

Status PatientSockets::open(int outer, void* self) {
  outer_ = outer;
  self_ = self;
  inner_.reset(::epoll_create1(EPOLL_CLOEXEC));
  if (!inner_) return Status::io(errno);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = self;
  return ::epoll_ctl(outer, EPOLL_CTL_ADD, inner_.get(), &event) == 0 ? Status{} : Status::io(errno);
}

std::span<epoll_event> PatientSockets::look(std::span<epoll_event> into, int64_t now_ns) {
  const int count = ::epoll_wait(inner_.get(), into.data(), static_cast<int>(into.size()), 0);
  const std::span<epoll_event> found = into.first(count > 0 ? static_cast<size_t>(count) : 0);
  if (!gathers_) gather(!found.empty() && has_company(now_ns));
  else if (found.empty()) gather(false);
  // With more of them there than were asked for, the next look is due at once.
  if (gathers_) next_look_ns_ = found.size() == into.size() ? now_ns : (now_ns / look_interval_ns + 1) * look_interval_ns;
  return found;
}

bool PatientSockets::has_company(int64_t now_ns) {
  const bool company = now_ns - woken_before_ns_ <= look_interval_ns;
  woken_before_ns_ = woken_ns_;
  woken_ns_ = now_ns;
  return company;
}

void PatientSockets::gather(bool on) {
  if (on == gathers_) return;
  epoll_event event{};
  event.events = on ? 0u : EPOLLIN;
  event.data.ptr = self_;
  // Should it fail, which it has no reason to, the reactor is woken more often or looks more often.
  if (::epoll_ctl(outer_, EPOLL_CTL_MOD, inner_.get(), &event) != 0) return;
  gathers_ = on;
  if (!on) next_look_ns_ = INT64_MAX;
}

}  // namespace milena
