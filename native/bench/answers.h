// What a load generator must look at in an answer, and no more. Answers come from a broker that is none of ours: any bytes are
// read to their end or refused.
#pragma once
#include <cstdint>
#include <vector>

#include "base/types.h"
#include "bench/requests.h"

namespace milena::bench {

// No Kafka error code: the answer is not what the protocol says.
inline constexpr int16_t malformed_answer = -2;

// The first error in an answer, 0 when there is none.
int16_t produce_error(Bytes answer);
int16_t api_versions_error(Bytes answer);
int16_t metadata_error(Bytes answer);

// Of an answer to end_offset_frame().
struct EndOffset {
  int16_t error = 0;
  int64_t offset = 0;
};
EndOffset read_end_offset(Bytes answer);

struct Fetched {
  int16_t error = 0;
  uint64_t bytes = 0;
  uint64_t records = 0;
};
// Moves `positions` behind what the answer holds; an offset out of range begins again where the log does. Whole batches are
// appended to `batches` unless that is nullptr.
Fetched take_fetched(Bytes answer, std::vector<Position>& positions, std::vector<Bytes>* batches = nullptr);

}  // namespace milena::bench
