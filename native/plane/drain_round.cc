#include "plane/drain_round.h"

#include <algorithm>

namespace milena {

void DrainRound::run(std::span<const std::shared_ptr<Partition>> partitions, void (Partition::*begin)(DrainTurn&), void (Partition::*whole)()) {
  if (backend_ == nullptr || partitions.size() == 1) {
    for (const auto& partition : partitions) (partition.get()->*whole)();
    return;
  }
  while (!partitions.empty()) {
    const size_t count = std::min(partitions.size(), drains_together_max);
    run_together(partitions.first(count), begin);
    partitions = partitions.subspan(count);
  }
}

void DrainRound::run_together(std::span<const std::shared_ptr<Partition>> partitions, void (Partition::*begin)(DrainTurn&)) {
  if (turns_ == nullptr) turns_ = std::make_unique<std::array<DrainTurn, drains_together_max>>();
  std::array<DrainTurn, drains_together_max>& turns = *turns_;
  writes_.clear();
  for (size_t i = 0; i < partitions.size(); i++) {
    (partitions[i].get()->*begin)(turns[i]);
    if (turns[i].write) writes_.push_back(*turns[i].write);
  }
  if (!writes_.empty()) backend_->run(writes_);
  size_t written = 0;
  for (size_t i = 0; i < partitions.size(); i++) {
    if (turns[i].write) {
      turns[i].write->outcome = writes_[written++].outcome;
      turns[i].is_written = true;
    }
    partitions[i]->finish_drain(turns[i]);
  }
}

}  // namespace milena
