// Keeps a cleaner to a number of bytes a second (log.cleaner.io.max.bytes.per.second). Owner: one pass.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>

namespace milena {

class CleaningPacer {
 public:
  // `bytes_per_second` below 0: no limit. `cancelled` ends a wait early.
  CleaningPacer(int64_t bytes_per_second, std::function<bool()> cancelled) : bytes_per_second_(bytes_per_second), cancelled_(std::move(cancelled)) {}
  // Waits until `bytes` more may be read or written.
  void pace(uint64_t bytes);

 private:
  using Clock = std::chrono::steady_clock;
  const int64_t bytes_per_second_;
  const std::function<bool()> cancelled_;
  uint64_t bytes_ = 0;  // since begun_
  Clock::time_point begun_ = Clock::now();
};

}  // namespace milena
