// What the connections of a load have done so far. The counters may be read while it runs; histograms are merged at the end.
#pragma once
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "bench/histogram.h"

namespace milena::bench {

struct Tally {
  std::atomic<uint64_t> bytes{0}, records{0}, requests{0}, errors{0};
  std::atomic<int32_t> last_error{0};  // a Kafka error code

  void answered(uint64_t some_bytes, uint64_t some_records) {
    bytes.fetch_add(some_bytes, std::memory_order_relaxed);
    records.fetch_add(some_records, std::memory_order_relaxed);
    requests.fetch_add(1, std::memory_order_relaxed);
  }
  void refused(int16_t error) {
    requests.fetch_add(1, std::memory_order_relaxed);
    errors.fetch_add(1, std::memory_order_relaxed);
    last_error.store(error, std::memory_order_relaxed);
  }
  // The connection cannot go on; the first reason is kept.
  void broken(const std::string& why) {
    errors.fetch_add(1, std::memory_order_relaxed);
    const std::lock_guard hold(lock_);
    if (problem_.empty()) problem_ = why;
  }
  void merge(const Histogram& latencies) {
    const std::lock_guard hold(lock_);
    latencies_.merge(latencies);
  }
  // Only after every connection has ended.
  const Histogram& latencies() const { return latencies_; }
  const std::string& problem() const { return problem_; }

 private:
  std::mutex lock_;
  Histogram latencies_;
  std::string problem_;
};

}  // namespace milena::bench
