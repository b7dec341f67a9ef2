// The memory requests may take, broker-wide (queued.max.request.bytes): reserved before a frame is read past its header.
// First come first served; one reservation is always admitted, so that a frame larger than the budget gets its turn alone.
// Thread: any.
#pragma once
#include <atomic>
#include <cstdint>
#include <mutex>

#include "plane/counters.h"
#include "plane/waiters.h"

namespace milena {

// Someone whose reservation did not fit. Its bytes are reserved for it before granted() is called.
struct BudgetWaiter {
  virtual ~BudgetWaiter() = default;
  // From any thread, with the budget's mutex held: must only post.
  virtual void granted() = 0;

  uint64_t wanted_bytes = 0;
  // The budget's.
  BudgetWaiter* next = nullptr;
  BudgetWaiter* previous = nullptr;
  bool registered = false;
};

class MemoryBudget {
 public:
  MemoryBudget(uint64_t bytes_max, Counters& counters) : bytes_max_(bytes_max), counters_(counters) {}

  // Reserves waiter.wanted_bytes now (true), or queues the waiter (false).
  bool reserve_or_wait(BudgetWaiter& waiter);
  // Leaves the queue. False: it was not in it, so granted() has been called and the bytes are the waiter's to release.
  bool forget(BudgetWaiter& waiter);
  void release(uint64_t bytes);
  // For bytes that exist already (answers copied to memory, bytes read behind a request that waits): counted, never refused. They leave
  // less for reservations, but the one that is always admitted is admitted beside them: they may be waiting for it.
  void charge(uint64_t bytes);
  void discharge(uint64_t bytes);

  bool crowded() const { return waiting_.load(std::memory_order_acquire) > 0; }
  // Whether `bytes` more may be charged by someone who can do without.
  bool has_room(uint64_t bytes) const { return !crowded() && used() + bytes <= bytes_max_; }
  uint64_t used() const { return reserved_.load(std::memory_order_relaxed) + charged_.load(std::memory_order_relaxed); }
  uint64_t bytes_max() const { return bytes_max_; }

 private:
  bool fits(uint64_t bytes) const { return reserved_.load(std::memory_order_relaxed) == 0 || used() + bytes <= bytes_max_; }
  void reserve(uint64_t bytes);
  void give_back(std::atomic<uint64_t>& to, uint64_t bytes);
  void grant_in_order();

  const uint64_t bytes_max_;
  Counters& counters_;
  std::atomic<uint64_t> reserved_{0};  // changed under mutex_
  std::atomic<uint64_t> charged_{0};   // changed under mutex_
  std::atomic<uint32_t> waiting_{0};   // changed under mutex_
  std::mutex mutex_;
  WaitList<BudgetWaiter> queue_;  // guarded by mutex_
};

// What one reactor sets aside for small frames, so that heartbeats and metadata never wait for producers.
class FrameReserve {
 public:
  explicit FrameReserve(uint64_t bytes_max) : bytes_max_(bytes_max) {}
  // By the reactor only.
  bool try_take(uint64_t bytes) {
    if (used_.load(std::memory_order_relaxed) + bytes > bytes_max_) return false;
    used_.fetch_add(bytes, std::memory_order_relaxed);
    return true;
  }
  // Thread: any.
  void release(uint64_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
  uint64_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  const uint64_t bytes_max_;
  std::atomic<uint64_t> used_{0};
};

}  // namespace milena
