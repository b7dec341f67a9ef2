// The bytes of one request that has memory of its own, with the reservation that pays for them. Given back wherever the last holder lets go: the reactor, or the
// drainer that wrote the batches in it.
#pragma once
#include <cstdlib>
#include <memory>

#include "base/types.h"
#include "plane/memory_budget.h"

namespace milena {

// The bytes of a frame, and what keeps them alive: a buffer of its own, or a hold on the block it was read into.
struct Frame {
  MutableBytes bytes;
  std::shared_ptr<void> owner;
  explicit operator bool() const { return owner != nullptr; }
};

// Exactly one of the two pays; none for an empty Reservation.
struct Reservation {
  MemoryBudget* budget = nullptr;
  FrameReserve* reserve = nullptr;
  uint64_t bytes = 0;
  void release() {
    if (budget != nullptr) budget->release(bytes);
    if (reserve != nullptr) reserve->release(bytes);
    *this = {};
  }
};

class FrameBuffer {
 public:
  // Null when the system has no memory to give; the reservation is released then. The bytes are not initialized, so that a large frame
  // takes memory only as it arrives.
  static Frame make(size_t size, Reservation reservation) {
    auto* data = static_cast<std::byte*>(std::malloc(size));
    if (data == nullptr) {
      reservation.release();
      return {};
    }
    return {{data, size}, std::shared_ptr<FrameBuffer>(new FrameBuffer(data, reservation))};
  }
  ~FrameBuffer() {
    std::free(data_);
    reservation_.release();
  }
  FrameBuffer(const FrameBuffer&) = delete;
  FrameBuffer& operator=(const FrameBuffer&) = delete;

 private:
  FrameBuffer(std::byte* data, Reservation reservation) : data_(data), reservation_(reservation) {}

  std::byte* data_;
  Reservation reservation_;
};

}  // namespace milena
