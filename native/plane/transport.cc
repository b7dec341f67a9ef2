#include "plane/transport.h"

#include <sys/sendfile.h>
#include <sys/socket.h>

#include <cerrno>

namespace milena {

namespace {

IoResult outcome(ssize_t moved, IoState at_zero) {
  if (moved > 0) return {IoState::moved, static_cast<size_t>(moved)};
  if (moved == 0) return {at_zero};
  return {errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? IoState::would_block : IoState::failed};
}

}  // namespace

IoResult PlainTransport::recv(MutableBytes into) {
  return outcome(::recv(socket_.get(), into.data(), into.size(), 0), IoState::ended);
}

IoResult PlainTransport::recvv(std::span<const iovec> slices) {
  return outcome(::readv(socket_.get(), slices.data(), static_cast<int>(slices.size())), IoState::ended);
}

IoResult PlainTransport::sendv(std::span<const iovec> slices, bool more) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(slices.data());
  message.msg_iovlen = slices.size();
  return outcome(::sendmsg(socket_.get(), &message, MSG_NOSIGNAL | (more ? MSG_MORE : 0)), IoState::failed);
}

IoResult PlainTransport::send_file(int file, uint64_t position, size_t size) {
  auto at = static_cast<off_t>(position);
  return outcome(::sendfile(socket_.get(), file, &at, size), IoState::ended);
}

}  // namespace milena
