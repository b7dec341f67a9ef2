// Requests and answers that go by topic and partition have the same form around what is said of each.
#pragma once
#include <cstdint>
#include <string_view>

#include "log.h"
#include "wire/reader.h"
#include "wire/writer.h"

namespace milena::limit {

inline constexpr int16_t unknown_topic = 3;

// Reads topics and the numbers of their partitions, writes both into the answer, and calls of_each(log, is_alone), which reads and
// writes the rest. `log` is null where there is none.
template <class OfEach>
void for_each_partition(WireReader& in, WireWriter& to, Topics& topics, OfEach of_each) {
  const uint32_t names = in.array_size(false);
  to.int32(static_cast<int32_t>(names));
  for (uint32_t n = 0; n < names && in.ok(); n++) {
    const std::string_view name = in.string(false);
    to.string(false, name);
    const uint32_t partitions = in.array_size(false);
    to.int32(static_cast<int32_t>(partitions));
    for (uint32_t p = 0; p < partitions && in.ok(); p++) {
      const int32_t partition = in.int32();
      to.int32(partition);
      of_each(topics.find(name, partition), names == 1 && partitions == 1);
    }
  }
}

}  // namespace milena::limit
