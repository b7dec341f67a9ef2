// Deadlines of one thread: a binary heap whose entries know their place, so that taking one back costs as little as setting it.
// Owner: Reactor. Thread: its reactor's.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace milena {

class TimerTarget {
 public:
  // The timer is no longer set; it may be set again.
  virtual void timer_due() = 0;

 protected:
  ~TimerTarget() = default;
};

struct Timer {
  explicit Timer(TimerTarget& whose) : target(&whose) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  bool is_set() const { return slot != unset; }

  static constexpr size_t unset = SIZE_MAX;
  TimerTarget* target;
  int64_t due_ns = 0;
  size_t slot = unset;  // in the heap
};

class TimerQueue {
 public:
  // Sets or moves the timer.
  void set(Timer& timer, int64_t due_ns);
  void clear(Timer& timer);
  // INT64_MAX: none.
  int64_t next_due_ns() const { return heap_.empty() ? INT64_MAX : heap_.front()->due_ns; }
  // Fires what is due at `now_ns`; no more than were set when it began, so that a target that sets its timer for now cannot hold it.
  void run(int64_t now_ns);

 private:
  void put(Timer* timer, size_t slot);
  void up(size_t slot);
  void down(size_t slot);

  std::vector<Timer*> heap_;
};

}  // namespace milena
