#include "plane/append_queue.h"

namespace milena {

bool AppendQueue::push(Append& append) {
  bytes_.fetch_add(append.queued_bytes, std::memory_order_seq_cst);
  Append* newest = arrived_.load(std::memory_order_relaxed);
  do {
    append.next = newest;
  } while (!arrived_.compare_exchange_weak(newest, &append, std::memory_order_seq_cst, std::memory_order_relaxed));
  return !drained_.exchange(true, std::memory_order_seq_cst);
}

bool AppendQueue::call() {
  called_.store(true, std::memory_order_seq_cst);
  return !drained_.exchange(true, std::memory_order_seq_cst);
}

void AppendQueue::refill() {
  Append* chain = arrived_.exchange(nullptr, std::memory_order_seq_cst);
  if (chain == nullptr) return;
  Append* const newest = chain;
  Append* oldest = nullptr;
  while (chain != nullptr) {
    Append* const older = chain->next;
    chain->next = oldest;
    oldest = chain;
    chain = older;
  }
  (oldest_ == nullptr ? oldest_ : newest_->next) = oldest;
  newest_ = newest;
}

Append* AppendQueue::front() {
  if (oldest_ == nullptr) refill();
  return oldest_;
}

size_t AppendQueue::gather(std::span<Append*> into, uint64_t bytes_max) {
  refill();
  size_t count = 0;
  uint64_t bytes = 0;
  while (oldest_ != nullptr && count < into.size()) {
    bytes += oldest_->queued_bytes;
    if (count > 0 && bytes > bytes_max) break;
    into[count++] = oldest_;
    oldest_ = oldest_->next;
    into[count - 1]->next = nullptr;
  }
  if (oldest_ == nullptr) newest_ = nullptr;
  return count;
}

bool AppendQueue::give_up() {
  drained_.store(false, std::memory_order_seq_cst);
  // Whoever came between the last look and the line above saw a drainer at work and left. Without this second look its batch would lie
  // here until the next one comes, which may be never.
  if (arrived_.load(std::memory_order_seq_cst) == nullptr && !called_.load(std::memory_order_seq_cst)) return true;
  return drained_.exchange(true, std::memory_order_seq_cst);
}

}  // namespace milena
