// The `<offset>.snapshot` file: producer state as of an offset, in Kafka's format (version 1):
//   i16 version | u32 CRC32C of what follows | i32 count | per producer: i64 id, i16 epoch, i32 last sequence, i64 last offset,
//   i32 offset delta, i64 timestamp, i32 coordinator epoch, i64 first offset of the open transaction or -1
// Only the last batch of a producer is in it.
#pragma once
#include <utility>
#include <vector>

#include "base/status.h"
#include "base/types.h"
#include "log/producer_state.h"

namespace milena {

std::vector<std::byte> format_producer_snapshot(const std::vector<std::pair<int64_t, ProducerEntry>>& entries);

// Errc::corrupt for another version, a wrong CRC or a wrong size.
Result<std::vector<std::pair<int64_t, ProducerEntry>>> parse_producer_snapshot(Bytes bytes);

}  // namespace milena
