#include "plane/timer_queue.h"

namespace milena {

void TimerQueue::put(Timer* timer, size_t slot) {
  heap_[slot] = timer;
  timer->slot = slot;
}

void TimerQueue::up(size_t slot) {
  Timer* timer = heap_[slot];
  while (slot > 0) {
    const size_t parent = (slot - 1) / 2;
    if (heap_[parent]->due_ns <= timer->due_ns) break;
    put(heap_[parent], slot);
    slot = parent;
  }
  put(timer, slot);
}

void TimerQueue::down(size_t slot) {
  Timer* timer = heap_[slot];
  for (;;) {
    size_t child = slot * 2 + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->due_ns < heap_[child]->due_ns) child++;
    if (heap_[child]->due_ns >= timer->due_ns) break;
    put(heap_[child], slot);
    slot = child;
  }
  put(timer, slot);
}

void TimerQueue::set(Timer& timer, int64_t due_ns) {
  clear(timer);
  timer.due_ns = due_ns;
  heap_.push_back(&timer);
  up(heap_.size() - 1);
}

void TimerQueue::clear(Timer& timer) {
  if (!timer.is_set()) return;
  const size_t slot = timer.slot;
  timer.slot = Timer::unset;
  Timer* last = heap_.back();
  heap_.pop_back();
  if (last == &timer) return;
  put(last, slot);
  down(slot);
  up(last->slot);
}

void TimerQueue::run(int64_t now_ns) {
  // A target may clear a timer that is due as well, so each is looked up at its turn; those set again are due in a later run.
  size_t left = heap_.size();
  while (left-- > 0 && !heap_.empty() && heap_.front()->due_ns <= now_ns) {
    Timer* timer = heap_.front();
    clear(*timer);
    timer->target->timer_due();
  }
}

}  // namespace milena
