// The requests of the load generator: Produce v7, Fetch v11, ListOffsets v1, Metadata v4 and ApiVersions v0, which every broker
// of the last years speaks. Whole frames, with their length.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/types.h"

namespace milena::bench {

// In every request, and therefore in every answer.
inline constexpr int32_t correlation_id = 1;

// Where a partition is read.
struct Position {
  int32_t partition = 0;
  int64_t offset = 0;
  int64_t log_start = 0;
  int64_t end = INT64_MAX;  // the high watermark, once an answer has named it
};

// A Produce request of one batch as far as the batch, whose bytes follow.
std::vector<std::byte> produce_head(const std::string& topic, int32_t partition, int16_t acks, size_t batch_bytes);

struct FetchLimits {
  int32_t wait_ms;
  int32_t partition_bytes;
};
std::vector<std::byte> fetch_frame(const std::string& topic, const std::vector<Position>& positions, const FetchLimits& limits);
// Writes the positions into a frame that was made for the same partitions.
void move_fetch(MutableBytes frame, const std::string& topic, const std::vector<Position>& positions);

// Asks for the end of a partition.
std::vector<std::byte> end_offset_frame(const std::string& topic, int32_t partition);
// Of `count` topics, TOPIC-0 and so on.
std::vector<std::byte> metadata_frame(const std::string& topic, int32_t count);
std::vector<std::byte> api_versions_frame();

}  // namespace milena::bench
