// Latencies in buckets of equal relative width (1/64 of a power of two), from 1 us to 17 minutes: fixed memory, mergeable.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace milena::bench {

class Histogram {
 public:
  void add(int64_t ns) {
    const auto us = static_cast<uint64_t>(ns < 1000 ? 1 : ns / 1000);
    counts_[bucket_of(us)]++;
    total_++;
    if (ns > max_ns_) max_ns_ = ns;
  }

  void merge(const Histogram& other) {
    for (size_t i = 0; i < counts_.size(); i++) counts_[i] += other.counts_[i];
    total_ += other.total_;
    if (other.max_ns_ > max_ns_) max_ns_ = other.max_ns_;
  }

  uint64_t total() const { return total_; }
  double max_ms() const { return static_cast<double>(max_ns_) / 1e6; }

  // The upper edge of the bucket that holds the share `quantile` of all values, in milliseconds.
  double quantile_ms(double quantile) const {
    const auto wanted = static_cast<uint64_t>(quantile * static_cast<double>(total_));
    uint64_t seen = 0;
    for (size_t i = 0; i < counts_.size(); i++) {
      seen += counts_[i];
      if (seen > wanted) return static_cast<double>(upper_edge_us(i)) / 1e3;
    }
    return max_ms();
  }

 private:
  static constexpr int sub_bits = 6;
  static constexpr size_t sub_buckets = size_t{1} << sub_bits;
  static constexpr int octaves = 30 - sub_bits;

  static size_t bucket_of(uint64_t us) {
    const int octave = std::max(0, static_cast<int>(std::bit_width(us)) - sub_bits - 1);
    const size_t index = static_cast<size_t>(octave) * sub_buckets + static_cast<size_t>(us >> octave);
    return std::min(index, bucket_count - 1);
  }
  static uint64_t upper_edge_us(size_t bucket) {
    if (bucket < 2 * sub_buckets) return bucket;
    const size_t octave = bucket / sub_buckets - 1;
    return ((bucket % sub_buckets + sub_buckets + 1) << octave) - 1;
  }

  static constexpr size_t bucket_count = (octaves + 2) * sub_buckets;
  std::array<uint64_t, bucket_count> counts_{};
  uint64_t total_ = 0;
  int64_t max_ns_ = 0;
};

}  // namespace milena::bench
