// What the connections of one thread have done so far. The counters may be read by others while it works; the histogram only
// after its end.
#pragma once
#include <atomic>
#include <cstdint>
#include <string>

#include "bench/histogram.h"

namespace milena::bench {

// A counter with one writer: no bus lock where millions of answers a second are counted.
class Count {
 public:
  void add(uint64_t by) { value_.store(value_.load(std::memory_order_relaxed) + by, std::memory_order_relaxed); }
  uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

inline constexpr size_t cache_line_bytes = 64;

struct alignas(cache_line_bytes) Tally {
  Count bytes;        // of record batches, as they are on the wire
  Count plain_bytes;  // the same before compression
  Count records, requests, errors;
  int32_t last_error = 0;  // a Kafka error code
  std::string problem;     // why a connection could not go on; the first reason is kept
  Histogram latencies;

  void answered(uint64_t some_bytes, uint64_t some_plain_bytes, uint64_t some_records) {
    bytes.add(some_bytes);
    plain_bytes.add(some_plain_bytes);
    records.add(some_records);
    requests.add(1);
  }
  void refused(int16_t error) {
    requests.add(1);
    errors.add(1);
    last_error = error;
  }
  void broken(const std::string& why) {
    errors.add(1);
    if (problem.empty()) problem = why;
  }
};

}  // namespace milena::bench
