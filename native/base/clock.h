// Time as a parameter: everything native that needs it is given a Clock, so that tests decide what time it is.
#pragma once
#include <atomic>
#include <cstdint>
#include <ctime>

namespace milena {

struct Clock {
  virtual ~Clock() = default;
  virtual int64_t wall_ms() const = 0;       // milliseconds since 1970, may jump
  virtual int64_t monotonic_ns() const = 0;  // nanoseconds since some moment, never goes back
};

// The machine's clocks. Thread: any.
class SystemClock final : public Clock {
 public:
  int64_t wall_ms() const override { return read(CLOCK_REALTIME) / 1'000'000; }
  int64_t monotonic_ns() const override { return read(CLOCK_MONOTONIC); }

 private:
  static int64_t read(clockid_t which) {
    timespec now{};
    clock_gettime(which, &now);
    return static_cast<int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
  }
};

// A clock that stands still until it is moved. Thread: any.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(int64_t start_ms = 0) : now_ns_(start_ms * 1'000'000) {}
  int64_t wall_ms() const override { return now_ns_.load(std::memory_order_relaxed) / 1'000'000; }
  int64_t monotonic_ns() const override { return now_ns_.load(std::memory_order_relaxed); }
  void advance_ms(int64_t by_ms) { now_ns_.fetch_add(by_ms * 1'000'000, std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> now_ns_;
};

}  // namespace milena
