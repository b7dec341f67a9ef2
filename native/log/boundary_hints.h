// Where some recent batch boundaries lie: a consumer at the tail, or reading on where its last fetch ended, needs no index lookup.
#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "log/log_types.h"

namespace milena {

class BoundaryHints {
 public:
  void note(const LogPosition& boundary) { slots_[slot_of(boundary.offset)] = boundary; }
  std::optional<uint32_t> find(Offset offset, Offset segment_base) const {
    const LogPosition& slot = slots_[slot_of(offset)];
    if (slot.offset != offset || slot.segment_base != segment_base) return std::nullopt;
    return slot.position;
  }
  void clear() { slots_.fill(nowhere); }

 private:
  static constexpr LogPosition nowhere{Offset{-1}, Offset{-1}, 0};
  static constexpr size_t slot_bits = 3;
  // Fibonacci hashing: equally spaced offsets spread over the slots.
  static size_t slot_of(Offset offset) { return static_cast<size_t>((static_cast<uint64_t>(offset.value) * 0x9e3779b97f4a7c15u) >> (64 - slot_bits)); }

  std::array<LogPosition, size_t{1} << slot_bits> slots_ = [] {
    std::array<LogPosition, size_t{1} << slot_bits> slots;
    slots.fill(nowhere);
    return slots;
  }();
};

}  // namespace milena
