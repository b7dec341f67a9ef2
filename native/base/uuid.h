// A 16-byte identifier: topic ids, directory ids. All zero means "none".
#pragma once
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>

namespace milena {

struct Uuid {
  std::array<std::byte, 16> bytes{};
  auto operator<=>(const Uuid&) const = default;
  bool is_zero() const { return *this == Uuid{}; }
};

// Topic ids are random, so any eight of their bytes are a hash.
struct UuidHash {
  size_t operator()(const Uuid& id) const {
    uint64_t half = 0;
    std::memcpy(&half, id.bytes.data() + 8, sizeof half);
    return static_cast<size_t>(half);
  }
};

}  // namespace milena
