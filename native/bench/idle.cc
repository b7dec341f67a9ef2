#include "bench/idle.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/endian.h"
#include "bench/requests.h"

namespace milena::bench {
namespace {

// Connections that are being opened at once: queues of listeners are short.
constexpr size_t opening_max = 100;
constexpr int64_t open_deadline_ns = 60'000'000'000;
// Descriptors for everything that is not an idle connection.
constexpr rlim_t descriptors_besides = 1000;

// An answer to ApiVersions is a few hundred bytes; only its length is looked at.
constexpr size_t length_bytes = 4, answer_bytes_max = 1 << 16;

std::string make_room_for(size_t count) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t wanted = count + descriptors_besides;
  if (limit.rlim_cur >= wanted) return {};
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted) return {};
  return "this process may hold only " + std::to_string(limit.rlim_max) + " files and connections open (ulimit -n)";
}

// One connection on its way: connecting, then waiting for the whole answer.
struct Opening {
  UniqueFd fd;
  bool asked = false;
  std::vector<std::byte> answer;
};

// True when the answer is whole. `problem` is set when there will be none.
bool advance(Opening& opening, const std::vector<std::byte>& request, std::string& problem) {
  if (!opening.asked) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(opening.fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    // A fresh connection takes so few bytes at once.
    if (error == 0 && send(opening.fd.get(), request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) opening.asked = true;
    else problem = std::strerror(error == 0 ? errno : error);
    return false;
  }
  std::byte piece[4096];
  const ssize_t got = recv(opening.fd.get(), piece, sizeof piece, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (got <= 0) return problem = "the broker closed a connection that was to be idle", false;
  opening.answer.insert(opening.answer.end(), piece, piece + got);
  if (opening.answer.size() < length_bytes) return false;
  const size_t size = load<uint32_t>(opening.answer.data());
  if (size > answer_bytes_max) return problem = "the broker sent something that is no answer", false;
  return opening.answer.size() >= length_bytes + size;
}

}  // namespace

std::string IdleConnections::open(const Target& target, size_t count, const Clock& clock) {
  if (std::string problem = make_room_for(count); !problem.empty()) return problem;
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  if (getaddrinfo(target.host.c_str(), target.port.c_str(), &hints, &found) != 0) return target.host + ": no address";
  const std::vector<std::byte> request = api_versions_frame();
  const UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
  std::vector<Opening> all(count);
  size_t begun = 0, done = 0;
  std::string problem;
  const int64_t give_up_ns = clock.monotonic_ns() + open_deadline_ns;
  while (done < count && problem.empty()) {
    for (; begun < count && begun - done < opening_max && problem.empty(); begun++) {
      Opening& opening = all[begun];
      opening.fd.reset(socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, found->ai_protocol));
      if (!opening.fd || (connect(opening.fd.get(), found->ai_addr, found->ai_addrlen) != 0 && errno != EINPROGRESS)) problem = std::strerror(errno);
      epoll_event interest{};
      interest.events = EPOLLOUT;
      interest.data.u64 = begun;
      epoll_ctl(epoll.get(), EPOLL_CTL_ADD, opening.fd.get(), &interest);
    }
    std::array<epoll_event, opening_max> events;
    const int64_t left_ms = (give_up_ns - clock.monotonic_ns()) / 1'000'000;
    const int ready = left_ms <= 0 ? 0 : epoll_wait(epoll.get(), events.data(), static_cast<int>(events.size()), static_cast<int>(left_ms));
    if (ready == 0) problem = "the broker does not answer so many connections";
    for (int i = 0; i < ready && problem.empty(); i++) {
      epoll_event event = events[static_cast<size_t>(i)];
      Opening& opening = all[event.data.u64];
      const bool whole = advance(opening, request, problem);
      event.events = EPOLLIN;
      epoll_ctl(epoll.get(), whole ? EPOLL_CTL_DEL : EPOLL_CTL_MOD, opening.fd.get(), &event);
      if (whole) done++;
    }
  }
  freeaddrinfo(found);
  for (Opening& opening : all) open_.push_back(std::move(opening.fd));
  return problem.empty() ? problem : target.host + ":" + target.port + ": " + problem;
}

size_t IdleConnections::disturbed() const {
  std::vector<pollfd> polled;
  for (const UniqueFd& fd : open_) polled.push_back({fd.get(), POLLIN, 0});
  poll(polled.data(), polled.size(), 0);
  return static_cast<size_t>(std::ranges::count_if(polled, [](const pollfd& one) { return one.revents != 0; }));
}

}  // namespace milena::bench
