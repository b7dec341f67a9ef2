#include "bench/loop.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <climits>

namespace milena::bench {
namespace {

// How long answers that are missing at the deadline are waited for.
constexpr int64_t drain_max_ns = 30'000'000'000;
constexpr unsigned long timer_slack_ns = 1'000;

}  // namespace

Loop::Loop(std::vector<Connected> connections, const Clock& clock, Tally& tally)
    : clock_(clock), tally_(tally), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  for (Connected& connected : connections) lines_.push_back({std::move(connected), {}, true});
  for (size_t i = 0; i < lines_.size(); i++) {
    Socket& socket = *lines_[i].connected.socket;
    socket.unblock();
    epoll_event interest{};
    interest.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    interest.data.u64 = i;
    epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket.fd(), &interest);
  }
}

void Loop::run(int64_t begin_ns, int64_t deadline_ns) {
  // Requests at a fixed rate leave when they are due, not when the kernel finds it convenient.
  prctl(PR_SET_TIMERSLACK, timer_slack_ns, 0, 0, 0);
  for (Line& line : lines_) line.connected.talk->begin(begin_ns, deadline_ns);
  for (Line& line : lines_) send(line);
  const int64_t give_up_ns = deadline_ns + drain_max_ns;
  std::array<epoll_event, 256> events;
  for (int64_t now = clock_.monotonic_ns(); now < give_up_ns; now = clock_.monotonic_ns()) {
    if (now >= deadline_ns && all_quiet()) return;
    const int64_t end = now < deadline_ns ? deadline_ns : give_up_ns;
    const int64_t until = std::min(end, next_due_ns());
    int count = 0;
    if (until == end || wait(until) > 0) {
      const int64_t wait_ms = until == end ? (end - now + 999'999) / 1'000'000 : 0;
      count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), static_cast<int>(std::min<int64_t>(wait_ms, INT_MAX)));
    }
    for (int i = 0; i < count; i++) {
      Line& line = lines_[events[static_cast<size_t>(i)].data.u64];
      if (line.open) receive(line);
      if (line.open) send(line);
    }
    send_what_is_due();
  }
  for (Line& line : lines_) {
    if (line.open && !line.connected.talk->quiet()) close(line, "the broker did not answer");
  }
}

void Loop::receive(Line& line) {
  Talk& talk = *line.connected.talk;
  Progress progress = Progress::done;
  while (progress == Progress::done) {
    progress = line.connected.socket->fill();
    const int64_t now = clock_.monotonic_ns();
    Bytes answer;
    Front front = Front::answer;
    while ((front = line.connected.socket->take(talk.answer_bytes_max(), answer)) == Front::answer) {
      if (!talk.take(answer, now)) return close(line, "the broker's answer is not what the protocol says");
    }
    if (front == Front::nonsense) return close(line, "the broker sent something that is no answer");
  }
  if (progress == Progress::closed) close(line, "the broker closed the connection");
}

void Loop::send(Line& line) {
  while (true) {
    if (line.rest.empty()) line.rest = line.connected.talk->next(clock_.monotonic_ns());
    if (line.rest.empty()) return;
    switch (line.connected.socket->send(line.rest)) {
      case Progress::done: break;
      case Progress::blocked: return;
      case Progress::closed: return close(line, "the broker closed the connection");
    }
  }
}

void Loop::send_what_is_due() {
  const int64_t now = clock_.monotonic_ns();
  for (Line& line : lines_) {
    if (line.open && line.rest.empty() && line.connected.talk->due_ns() <= now) send(line);
  }
}

bool Loop::all_quiet() {
  return std::ranges::all_of(lines_, [](Line& line) { return !line.open || (line.rest.empty() && line.connected.talk->quiet()); });
}

int64_t Loop::next_due_ns() const {
  int64_t due = never_ns;
  for (const Line& line : lines_) {
    if (line.open && line.rest.empty()) due = std::min(due, line.connected.talk->due_ns());
  }
  return due;
}

// epoll_wait counts in milliseconds; what is due is waited for more exactly.
int Loop::wait(int64_t until_ns) {
  const int64_t left_ns = std::max<int64_t>(0, until_ns - clock_.monotonic_ns());
  const timespec left{left_ns / 1'000'000'000, left_ns % 1'000'000'000};
  pollfd waiting{epoll_.get(), POLLIN, 0};
  return ppoll(&waiting, 1, &left, nullptr);
}

void Loop::close(Line& line, const char* why) {
  tally_.broken(why);
  line.open = false;
  line.connected.socket.reset();
}

}  // namespace milena::bench
