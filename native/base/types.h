// The vocabulary every native file shares: distinct integers per meaning, borrowed bytes.
#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>

namespace milena {

// A distinct integer per meaning: an Offset never becomes a Position by accident.
template <class Tag, class Rep>
struct Id {
  Rep value{};
  constexpr auto operator<=>(const Id&) const = default;
  constexpr Id next() const { return {static_cast<Rep>(value + 1)}; }
  constexpr Id plus(Rep n) const { return {static_cast<Rep>(value + n)}; }
};

using Offset = Id<struct OffsetTag, int64_t>;           // number of a record in its partition
using LeaderEpoch = Id<struct LeaderEpochTag, int32_t>; // -1 where the protocol says "unknown"
using ProducerId = Id<struct ProducerIdTag, int64_t>;   // -1: not idempotent

using Bytes = std::span<const std::byte>;      // borrowed: valid for the call only
using MutableBytes = std::span<std::byte>;     // borrowed, may be changed in place

}  // namespace milena
