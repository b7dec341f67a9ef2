// Who waits at a partition: batches for the high watermark, fetches for bytes, connections for room.
//
// Every wait follows one rule: first enter the list, then look once more at what is waited for; who changes it does so first and then
// looks whether the list holds anybody. Both looks are sequentially consistent, so one of the two sees the other.
#include "plane/partition.h"

namespace milena {

// ---- acks=all ----

void Partition::park(Append& append) {
  if (append.required > high_watermark()) {
    bool is_late = false;
    {
      const std::lock_guard lock(mutex_);
      is_late = append.late;
      if (!is_late) {
        append.place = Append::Place::waiting;
        acks_.insert(append);
        acks_waiting_.fetch_add(1, std::memory_order_seq_cst);
      }
    }
    if (!is_late) {
      release_satisfied();
      return;
    }
    append.error = KafkaError::request_timed_out;
  }
  complete(append);
}

// Hands a batch that is in no list back to its owner.
void Partition::complete(Append& append) {
  if (append.acks == acks_all) {
    const std::lock_guard lock(mutex_);  // abandon() may be looking
    append.place = Append::Place::nowhere;
  }
  append.owner->completed(&append);
}

void Partition::complete_chain(Append* chain, KafkaError error) {
  while (chain != nullptr) {
    Append* const next = chain->next;
    chain->next = nullptr;
    chain->error = error;
    chain->owner->completed(chain);
    chain = next;
  }
}

void Partition::release_satisfied() {
  const bool is_stopped = phase() == Phase::stopped;
  const Offset reached = high_watermark();
  if (acks_waiting_.load(std::memory_order_seq_cst) == 0) return;
  Append* satisfied = nullptr;
  Append* stranded = nullptr;
  {
    const std::lock_guard lock(mutex_);
    uint32_t count = 0;
    satisfied = acks_.take_satisfied(reached);
    if (is_stopped) stranded = acks_.take_all();
    for (Append* chain : {satisfied, stranded}) {
      for (; chain != nullptr; chain = chain->next, count++) chain->place = Append::Place::nowhere;
    }
    acks_waiting_.fetch_sub(count, std::memory_order_seq_cst);
  }
  complete_chain(satisfied, KafkaError::none);
  complete_chain(stranded, stop_error());
}

bool Partition::abandon(Append& append) {
  const std::lock_guard lock(mutex_);
  if (append.place == Append::Place::waiting) {
    acks_.remove(append);
    acks_waiting_.fetch_sub(1, std::memory_order_seq_cst);
    append.place = Append::Place::nowhere;
    return true;
  }
  append.late = append.place == Append::Place::queued;
  return false;
}

// ---- fetches ----

bool Partition::await_fetch(FetchWait& wait) {
  {
    const std::lock_guard lock(mutex_);
    fetches_.push_back(wait);
    wait.registered = true;
    fetches_waiting_.fetch_add(1, std::memory_order_seq_cst);
  }
  const PartitionView now = view();
  const Offset bound = wait.read_committed ? now.last_stable : now.high_watermark;
  if (now.error == KafkaError::none && bound <= wait.seen) return true;
  const std::lock_guard lock(mutex_);
  if (!wait.registered) return true;  // woken already
  fetches_.remove(wait);
  wait.registered = false;
  fetches_waiting_.fetch_sub(1, std::memory_order_seq_cst);
  return false;
}

void Partition::forget_fetch(FetchWait& wait) {
  const std::lock_guard lock(mutex_);
  if (!wait.registered) return;
  fetches_.remove(wait);
  wait.registered = false;
  fetches_waiting_.fetch_sub(1, std::memory_order_seq_cst);
}

void Partition::wake_fetches(bool all) {
  if (fetches_waiting_.load(std::memory_order_seq_cst) == 0) return;
  const PartitionView now = view();
  const std::lock_guard lock(mutex_);
  for (FetchWait* wait = fetches_.first(); wait != nullptr;) {
    FetchWait* const next = wait->next;
    const Offset bound = wait->read_committed ? now.last_stable : now.high_watermark;
    if (all || bound > wait->seen) {
      fetches_.remove(*wait);
      wait->registered = false;
      fetches_waiting_.fetch_sub(1, std::memory_order_seq_cst);
      // Under the mutex, so that the owner cannot leave and free the waiter in between.
      if (wait->waiter->trip()) wait->waiter->owner->wake(wait->waiter);
    }
    wait = next;
  }
}

// ---- room in the queue ----

bool Partition::await_room(SpaceWaiter& waiter) {
  {
    const std::lock_guard lock(mutex_);
    space_.push_back(waiter);
    waiter.registered = true;
    space_waiting_.fetch_add(1, std::memory_order_seq_cst);
  }
  if (queue_.bytes() > append_queue_bytes_low && phase() != Phase::stopped) return true;
  return !forget_room(waiter);
}

bool Partition::forget_room(SpaceWaiter& waiter) {
  const std::lock_guard lock(mutex_);
  if (!waiter.registered) return false;
  space_.remove(waiter);
  waiter.registered = false;
  space_waiting_.fetch_sub(1, std::memory_order_seq_cst);
  return true;
}

// As many as there is room for, first come first served; all of them when the queue is empty, since nobody would call again.
void Partition::wake_space() {
  if (space_waiting_.load(std::memory_order_seq_cst) == 0) return;
  const uint64_t used = queue_.bytes();
  const bool all = used == 0 || phase() == Phase::stopped;
  if (!all && used > append_queue_bytes_low) return;
  uint64_t promised = 0;
  const std::lock_guard lock(mutex_);
  while (SpaceWaiter* waiter = space_.first()) {
    if (!all && used + promised > append_queue_bytes_low) return;
    promised += waiter->bytes;
    space_.remove(*waiter);
    waiter->registered = false;
    space_waiting_.fetch_sub(1, std::memory_order_seq_cst);
    waiter->owner->room(waiter);
  }
}

}  // namespace milena
