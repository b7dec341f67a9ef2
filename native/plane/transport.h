// How a connection moves bytes. Plain sockets now; TLS is another implementation of the same calls.
// Thread: the connection's reactor.
#pragma once
#include <sys/types.h>
#include <sys/uio.h>

#include <span>

#include "base/types.h"
#include "base/unique_fd.h"

namespace milena {

enum class IoState : uint8_t {
  moved,        // bytes > 0 were moved
  would_block,  // wait for epoll
  ended,        // recv: the peer will send no more. send_file: the file is shorter than it was
  failed,       // the connection is gone
};

struct IoResult {
  IoState state;
  size_t bytes = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;
  virtual int descriptor() const = 0;
  virtual IoResult recv(MutableBytes into) = 0;
  virtual IoResult recvv(std::span<const iovec> slices) = 0;
  // `more`: what follows is about to be sent, so the last packet may wait for it.
  virtual IoResult sendv(std::span<const iovec> slices, bool more) = 0;
  virtual IoResult send_file(int file, uint64_t position, size_t size) = 0;
};

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(UniqueFd socket) : socket_(std::move(socket)) {}
  int descriptor() const override { return socket_.get(); }
  IoResult recv(MutableBytes into) override;
  IoResult recvv(std::span<const iovec> slices) override;
  IoResult sendv(std::span<const iovec> slices, bool more) override;
  IoResult send_file(int file, uint64_t position, size_t size) override;

 private:
  UniqueFd socket_;
};

}  // namespace milena
