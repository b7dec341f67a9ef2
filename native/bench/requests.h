// The requests of the load generator, encoded once and sent many times: Produce v7 and Fetch v11, which every broker of the
// last years speaks, and what of their answers a load generator must look at.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/types.h"
#include "bench/options.h"

namespace milena::bench {

// One record batch v2 of about `batch_bytes` with random values of `record_bytes`, stamped with `now_ms`.
struct Batch {
  std::vector<std::byte> bytes;
  int32_t records = 0;
};
Batch build_batch(int32_t record_bytes, int32_t batch_bytes, int64_t now_ms);

// A whole Produce frame with one batch for one partition.
std::vector<std::byte> produce_frame(const Options& options, int32_t partition, const Batch& batch);

// The error code of the one partition in a Produce answer (without its length), or -1 when it is malformed.
int16_t produce_error(Bytes answer);

// A whole Fetch frame for all of `positions`.
std::vector<std::byte> fetch_frame(const Options& options, const std::map<int32_t, int64_t>& positions);

struct Fetched {
  uint64_t bytes = 0;
  uint64_t records = 0;
  int16_t error = 0;
};
// Moves `positions` behind what the answer holds; an offset out of range begins again at 0.
Fetched take_fetched(Bytes answer, std::map<int32_t, int64_t>& positions);

}  // namespace milena::bench
