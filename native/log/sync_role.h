// Who may work on the files below a log's end: the syncer over a round, the keeper over rare work. A lock without an owner thread, because
// a round may begin on one thread and end on another, and one thread may be in the rounds of hundreds of logs at once.
// Thread: any. Works with std::lock_guard and std::unique_lock.
#pragma once
#include <atomic>
#include <cstdint>

namespace milena {

class SyncRole {
 public:
  bool try_lock() { return !taken_.exchange(1, std::memory_order_acquire); }
  void lock() {
    while (!try_lock()) taken_.wait(1, std::memory_order_relaxed);
  }
  void unlock() {
    taken_.store(0, std::memory_order_release);
    taken_.notify_one();
  }

 private:
  std::atomic<int32_t> taken_{0};
};

}  // namespace milena
