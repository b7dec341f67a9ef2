// Which log: topic and partition number; and the topic's id.
#pragma once
#include <compare>
#include <cstdint>
#include <string>

#include "base/uuid.h"

namespace milena {

struct TopicPartition {
  std::string topic;
  int32_t partition = 0;
  auto operator<=>(const TopicPartition&) const = default;
};

using TopicId = Uuid;  // zero: none

}  // namespace milena
