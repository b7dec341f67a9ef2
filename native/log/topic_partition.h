// Which log: topic and partition number; and the topic's id.
#pragma once
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>

namespace milena {

struct TopicPartition {
  std::string topic;
  int32_t partition = 0;
  auto operator<=>(const TopicPartition&) const = default;
};

using TopicId = std::array<std::byte, 16>;  // all zero: none

}  // namespace milena
