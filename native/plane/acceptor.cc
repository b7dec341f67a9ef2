#include "plane/acceptor.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "plane/listening_socket.h"

namespace milena {

namespace {

UniqueFd open_spare() { return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

}  // namespace

Acceptor::Acceptor(PlaneShared& shared, std::vector<std::unique_ptr<Reactor>>& reactors) : shared_(shared), reactors_(reactors) {}

Status Acceptor::start() {
  bell_.reset(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!bell_) return Status::io(errno);
  spare_ = open_spare();
  shared_.gate.on_room([this] {
    {
      const std::lock_guard hold(mutex_);
      full_ = false;
    }
    ring();
  });
  if (!thread_.start("acceptor", [this] { run(); })) return Status::io(EAGAIN);
  return {};
}

void Acceptor::ring() {
  const uint64_t one = 1;
  static_cast<void>(!::write(bell_.get(), &one, sizeof one));
}

void Acceptor::add(UniqueFd socket, ListenerTraits traits) {
  {
    const std::lock_guard hold(mutex_);
    arriving_.push_back({std::move(socket), traits});
  }
  ring();
}

void Acceptor::stop() {
  if (!thread_.running()) return;
  {
    const std::lock_guard hold(mutex_);
    stopping_ = true;
  }
  ring();
  thread_.join();
}

void Acceptor::run() {
  std::vector<Listener> listeners;
  std::vector<pollfd> polled;
  for (;;) {
    bool full = false;
    {
      const std::lock_guard hold(mutex_);
      if (stopping_) return;
      full = full_;
      for (Listener& listener : arriving_) listeners.push_back(std::move(listener));
      arriving_.clear();
    }
    polled.assign(1, {bell_.get(), POLLIN, 0});
    for (const Listener& listener : listeners) polled.push_back({full ? -1 : listener.socket.get(), POLLIN, 0});
    ::poll(polled.data(), polled.size(), -1);
    uint64_t rings = 0;
    if (polled[0].revents != 0) static_cast<void>(!::read(bell_.get(), &rings, sizeof rings));
    for (size_t i = 0; i < listeners.size(); i++)
      if (polled[i + 1].revents != 0) accept_from(listeners[i]);
  }
}

void Acceptor::accept_from(const Listener& listener) {
  for (;;) {
    {
      // The mark is set before the gate is asked, so that room made in between is not missed.
      const std::lock_guard hold(mutex_);
      full_ = true;
    }
    if (!shared_.gate.enter()) return;
    {
      const std::lock_guard hold(mutex_);
      full_ = false;
    }
    if (!accept_one(listener)) {
      shared_.gate.leave();
      return;
    }
  }
}

bool Acceptor::accept_one(const Listener& listener) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  UniqueFd socket(::accept4(listener.socket.get(), reinterpret_cast<sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket) {
    if (errno == EMFILE || errno == ENFILE) shed(listener);
    return false;
  }
  set_options(socket.get());
  Reactor& least = **std::min_element(reactors_.begin(), reactors_.end(), [](const auto& a, const auto& b) { return a->load() < b->load(); });
  least.expect_connection();
  shared_.counters.add(abi::Counter::connections_accepted);
  least.post(Adopt{std::move(socket), listener.traits, address_text(address)});
  return true;
}

// No descriptors left: the waiting connection is taken with the spare one and closed, so that its client learns it at once.
void Acceptor::shed(const Listener& listener) {
  spare_.reset();
  UniqueFd refused(::accept4(listener.socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
  refused.reset();
  spare_ = open_spare();
}

void Acceptor::set_options(int socket) const {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  const ConnectionLimits& limits = shared_.limits;
  if (limits.send_buffer_bytes > 0) ::setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &limits.send_buffer_bytes, sizeof(int));
  if (limits.receive_buffer_bytes > 0) ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &limits.receive_buffer_bytes, sizeof(int));
}

}  // namespace milena
