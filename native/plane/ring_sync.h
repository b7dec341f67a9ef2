// Group commit by io_uring: the fdatasyncs of a round are submitted together, and the kernel's threads share journal commits and flushes.
// Thread: of the round.
#pragma once
#include <array>
#include <memory>

#include "os/ring.h"
#include "plane/sync_backend.h"

namespace milena {

inline constexpr uint32_t ring_syncs_max = 256;     // in flight at a time; a larger round goes through in parts
inline constexpr size_t ring_sync_files_min = 2;

class RingSync final : public BatchSync {
 public:
  explicit RingSync(std::unique_ptr<Ring> ring) : ring_(std::move(ring)) {}
  void run(std::span<const BegunSync> files) override;
  size_t files_min() const override { return ring_sync_files_min; }

 private:
  bool take_ended(std::span<const BegunSync> files);

  const std::unique_ptr<Ring> ring_;
  std::array<RingCompletion, 64> ended_;
};

}  // namespace milena
