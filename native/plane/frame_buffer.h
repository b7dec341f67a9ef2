// The bytes of one request, with the reservation that pays for them. Given back wherever the last holder lets go: the reactor, or the
// drainer that wrote the batches in it.
#pragma once
#include <cstdlib>
#include <memory>

#include "base/types.h"
#include "plane/memory_budget.h"

namespace milena {

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
  static std::shared_ptr<FrameBuffer> make(size_t size, Reservation reservation) {
    auto* data = static_cast<std::byte*>(std::malloc(size));
    if (data == nullptr) {
      reservation.release();
      return nullptr;
    }
    return std::shared_ptr<FrameBuffer>(new FrameBuffer(data, size, reservation));
  }
  ~FrameBuffer() {
    std::free(data_);
    reservation_.release();
  }
  FrameBuffer(const FrameBuffer&) = delete;
  FrameBuffer& operator=(const FrameBuffer&) = delete;

  MutableBytes bytes() { return {data_, size_}; }

 private:
  FrameBuffer(std::byte* data, size_t size, Reservation reservation) : data_(data), size_(size), reservation_(reservation) {}

  std::byte* data_;
  size_t size_;
  Reservation reservation_;
};

}  // namespace milena
