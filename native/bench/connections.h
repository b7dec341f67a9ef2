// The two kinds of connection a load is made of. Each runs on a thread of its own until the deadline.
#pragma once
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "bench/options.h"
#include "bench/tally.h"

namespace milena::bench {

struct Share {
  Target target;
  std::vector<int32_t> partitions;  // of one leader, served by one connection
};

// Sends prebuilt batches, `in_flight` at a time, or at a fixed rate: then latency counts from when a request was due, so that
// a stalled broker cannot hide the requests it delayed.
void produce_on(const Options& options, const Share& share, const Clock& clock, int64_t deadline_ns, Tally& tally);

// Fetches from its positions on; at the end of the log it begins again.
void fetch_on(const Options& options, const Share& share, const Clock& clock, int64_t deadline_ns, Tally& tally);

}  // namespace milena::bench
