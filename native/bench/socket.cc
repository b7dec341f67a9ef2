#include "bench/socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "base/endian.h"

namespace milena::bench {
namespace {

constexpr size_t length_bytes = 4;
constexpr int receive_buffer_bytes = 4 << 20;

}  // namespace

std::string Socket::connect(const Target& target) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  const int failed = getaddrinfo(target.host.c_str(), target.port.c_str(), &hints, &found);
  if (failed != 0) return target.host + ": " + gai_strerror(failed);
  std::string problem = target.host + ":" + target.port + ": no address";
  for (const addrinfo* at = found; at != nullptr && !fd_; at = at->ai_next) {
    UniqueFd fd(socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol));
    setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
    if (fd && ::connect(fd.get(), at->ai_addr, at->ai_addrlen) == 0) fd_ = std::move(fd);
    else problem = target.host + ":" + target.port + ": " + std::strerror(errno);
  }
  freeaddrinfo(found);
  if (!fd_) return problem;
  const int on = 1;
  setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return {};
}

bool Socket::send(Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(sent));
  }
  return true;
}

bool Socket::readable(int64_t wait_ns) const {
  if (holds_answer()) return true;
  pollfd waiting{fd_.get(), POLLIN, 0};
  const timespec wait{wait_ns / 1'000'000'000, wait_ns % 1'000'000'000};
  return ppoll(&waiting, 1, &wait, nullptr) > 0;
}

bool Socket::holds_answer() const {
  if (to_ - from_ < length_bytes) return false;
  return to_ - from_ >= length_bytes + static_cast<size_t>(load<uint32_t>(&buffer_[from_]));
}

Bytes Socket::receive() {
  if (!fill(length_bytes)) return {};
  const size_t size = load<uint32_t>(&buffer_[from_]);
  if (!fill(length_bytes + size)) return {};
  const Bytes answer(&buffer_[from_ + length_bytes], size);
  from_ += length_bytes + size;
  return answer;
}

bool Socket::fill(size_t wanted) {
  while (to_ - from_ < wanted) {
    if (from_ > 0) {
      std::memmove(buffer_.data(), &buffer_[from_], to_ - from_);
      to_ -= from_;
      from_ = 0;
    }
    if (buffer_.size() < wanted) buffer_.resize(wanted);
    const ssize_t got = recv(fd_.get(), &buffer_[to_], buffer_.size() - to_, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to_ += static_cast<size_t>(got);
  }
  return true;
}

}  // namespace milena::bench
