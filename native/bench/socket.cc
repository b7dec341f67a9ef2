#include "bench/socket.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>

#include "base/endian.h"

namespace milena::bench {
namespace {

constexpr size_t length_bytes = 4;
// The least an answer can be: its correlation id.
constexpr size_t answer_bytes_min = 4;
constexpr int receive_buffer_bytes = 4 << 20;

iovec piece_of(Bytes bytes) { return {const_cast<std::byte*>(bytes.data()), bytes.size()}; }

void drop_front(Bytes& bytes, size_t& count) {
  const size_t here = count < bytes.size() ? count : bytes.size();
  bytes = bytes.subspan(here);
  count -= here;
}

}  // namespace

std::string Socket::connect(const Target& target) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  const int failed = getaddrinfo(target.host.c_str(), target.port.c_str(), &hints, &found);
  if (failed != 0) return target.host + ": " + gai_strerror(failed);
  std::string problem = target.host + ":" + target.port + ": no address";
  for (const addrinfo* at = found; at != nullptr && !fd_; at = at->ai_next) {
    UniqueFd fd(socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol));
    if (fd && ::connect(fd.get(), at->ai_addr, at->ai_addrlen) == 0) fd_ = std::move(fd);
    else problem = target.host + ":" + target.port + ": " + std::strerror(errno);
  }
  freeaddrinfo(found);
  if (!fd_) return problem;
  const int on = 1;
  setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // After the handshake: asked for before it, more segments are exchanged for a GB, and client and broker change places about twice as
  // often (docs/performance.md).
  setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
  return {};
}

void Socket::unblock() { fcntl(fd_.get(), F_SETFL, fcntl(fd_.get(), F_GETFL) | O_NONBLOCK); }

Bytes Socket::call(Bytes request, size_t answer_bytes_max) {
  Outgoing out{request, {}};
  while (!out.empty()) {
    if (send(out) == Progress::closed) return {};
  }
  Bytes answer;
  Front front = take(answer_bytes_max, answer);
  for (; front == Front::nothing; front = take(answer_bytes_max, answer)) {
    if (fill() == Progress::closed) return {};
  }
  return front == Front::answer ? answer : Bytes{};
}

Progress Socket::send(Outgoing& out) {
  while (!out.empty()) {
    iovec pieces[2];
    size_t count = 0;
    for (const Bytes bytes : {out.head, out.body}) {
      if (!bytes.empty()) pieces[count++] = piece_of(bytes);
    }
    msghdr message{};
    message.msg_iov = pieces;
    message.msg_iovlen = count;
    const ssize_t sent = sendmsg(fd_.get(), &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Progress::blocked;
    if (sent <= 0) return Progress::closed;
    auto gone = static_cast<size_t>(sent);
    drop_front(out.head, gone);
    drop_front(out.body, gone);
  }
  return Progress::done;
}

void Socket::make_room() {
  if (from_ == to_) from_ = to_ = 0;
  const bool fits = buffer_.size() - from_ >= wanted_ && to_ < buffer_.size();
  if (!fits && from_ > 0) {
    std::memmove(buffer_.data(), &buffer_[from_], to_ - from_);
    to_ -= from_;
    from_ = 0;
  }
  if (buffer_.size() < wanted_) buffer_.resize(wanted_);
}

Progress Socket::fill() {
  make_room();
  const size_t room = buffer_.size() - to_;
  ssize_t got = 0;
  do got = recv(fd_.get(), &buffer_[to_], room, 0);
  while (got < 0 && errno == EINTR);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Progress::blocked;
  if (got <= 0) return Progress::closed;
  to_ += static_cast<size_t>(got);
  return static_cast<size_t>(got) == room ? Progress::done : Progress::blocked;
}

Front Socket::take(size_t answer_bytes_max, Bytes& answer) {
  wanted_ = length_bytes;
  if (to_ - from_ < length_bytes) return Front::nothing;
  const size_t size = load<uint32_t>(&buffer_[from_]);
  if (size < answer_bytes_min || size > answer_bytes_max) return Front::nonsense;
  wanted_ = length_bytes + size;
  if (to_ - from_ < wanted_) return Front::nothing;
  answer = Bytes(&buffer_[from_ + length_bytes], size);
  from_ += wanted_;
  wanted_ = 0;
  return Front::answer;
}

}  // namespace milena::bench
