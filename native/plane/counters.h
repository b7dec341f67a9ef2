// Counters of one data plane, in native memory so that counting never needs JavaScript. Thread: any, relaxed.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <span>

#include "plane/abi.gen.h"

namespace milena {

class Counters {
 public:
  void add(abi::Counter which, int64_t by = 1) { cell(which).fetch_add(by, std::memory_order_relaxed); }
  void subtract(abi::Counter which, int64_t by = 1) { cell(which).fetch_sub(by, std::memory_order_relaxed); }
  void set(abi::Counter which, int64_t value) { cell(which).store(value, std::memory_order_relaxed); }
  int64_t read(abi::Counter which) const { return cells_[static_cast<size_t>(which)].value.load(std::memory_order_relaxed); }
  // Fills the front of `into`, in the order of abi.ts.
  void copy(std::span<int64_t> into) const {
    for (size_t i = 0; i < into.size() && i < cells_.size(); i++) into[i] = cells_[i].value.load(std::memory_order_relaxed);
  }

 private:
  // A line each: reactors count at request rate and must not share one.
  struct alignas(64) Cell {
    std::atomic<int64_t> value{0};
  };
  std::atomic<int64_t>& cell(abi::Counter which) { return cells_[static_cast<size_t>(which)].value; }

  std::array<Cell, abi::counter_count> cells_;
};

}  // namespace milena
