// Appends by io_uring. What the ring does not take, and what is left of a short write, is written by the file itself.
#pragma once
#include <array>
#include <memory>

#include "os/ring.h"
#include "os/write_backend.h"

namespace milena {

inline constexpr uint32_t ring_writes_max = 64;  // in flight at a time

class RingWrites final : public WriteBackend {
 public:
  explicit RingWrites(std::unique_ptr<Ring> ring) : ring_(std::move(ring)) {}
  void run(std::span<PendingWrite> writes) override;

 private:
  bool take_ended(std::span<PendingWrite> writes);

  const std::unique_ptr<Ring> ring_;
  std::array<RingCompletion, ring_writes_max> ended_;
};

}  // namespace milena
