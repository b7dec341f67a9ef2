// The partitions one thread has to drain at the end of a round. With a backend their writes go to the kernel together, without one each
// partition writes for itself.
// Owner and thread: a reactor or a lane.
#pragma once
#include <array>
#include <memory>
#include <span>
#include <vector>

#include "os/write_backend.h"
#include "plane/drain_turn.h"
#include "plane/partition.h"

namespace milena {

inline constexpr size_t drains_together_max = 32;  // their writes wait for each other

class DrainRound {
 public:
  explicit DrainRound(std::unique_ptr<WriteBackend> backend) : backend_(std::move(backend)) {}
  // drain() of each. The drainer role of every one is held.
  void drain(std::span<const std::shared_ptr<Partition>> partitions) { run(partitions, &Partition::begin_drain, &Partition::drain); }
  // lane_turn() of each.
  void lane_turns(std::span<const std::shared_ptr<Partition>> partitions) { run(partitions, &Partition::begin_lane_turn, &Partition::lane_turn); }

 private:
  void run(std::span<const std::shared_ptr<Partition>> partitions, void (Partition::*begin)(DrainTurn&), void (Partition::*whole)());
  void run_together(std::span<const std::shared_ptr<Partition>> partitions, void (Partition::*begin)(DrainTurn&));

  const std::unique_ptr<WriteBackend> backend_;  // null: none
  std::unique_ptr<std::array<DrainTurn, drains_together_max>> turns_;  // made when first needed
  std::vector<PendingWrite> writes_;
};

}  // namespace milena
