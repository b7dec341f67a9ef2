// One batch on its way into a partition: what the log needs, and who waits for it.
// Owned by the owner that made it; lent to the partition from an accepted enqueue() until completed() or a successful abandon().
#pragma once
#include <cstdint>
#include <memory>

#include "log/log_types.h"
#include "plane/owner.h"

namespace milena {

inline constexpr int16_t acks_all = -1;

struct Append : AppendEntry {
  // Set by the owner.
  Owner* owner = nullptr;
  void* context = nullptr;  // the owner's request; never looked at
  int16_t acks = acks_all;  // -1, 0 or 1
  // Keeps `batch` alive (the frame it lies in, or the batch as it was written anew). Dropped by the partition as soon as the bytes are
  // written or refused, long before an acks=all is answered, on whatever thread that happens; `batch` is empty from then on.
  std::shared_ptr<void> payload;
  // The epoch the owner read when it looked at the partition; enqueue() refuses another, and so does the drainer later.
  // -1: whatever is current at enqueue().
  LeaderEpoch queued_epoch{-1};

  // The partition's, from enqueue() on. `partition` may be read by the owner after completed().
  std::shared_ptr<Partition> partition;
  Append* next = nullptr;
  Append* previous = nullptr;
  Offset required{-1};            // high watermark that satisfies acks=all: the batch's last offset + 1
  uint32_t queued_bytes = 0;
  enum class Place : uint8_t { nowhere, queued, waiting } place = Place::nowhere;  // under the partition's mutex
  bool late = false;              // abandoned while queued: answered REQUEST_TIMED_OUT after the write unless it is satisfied by then
};

}  // namespace milena
