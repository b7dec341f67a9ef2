#include "plane/memory_budget.h"

namespace milena {

void MemoryBudget::reserve(uint64_t bytes) {
  reserved_.fetch_add(bytes, std::memory_order_relaxed);
  counters_.add(abi::Counter::request_memory_bytes, static_cast<int64_t>(bytes));
}

bool MemoryBudget::reserve_or_wait(BudgetWaiter& waiter) {
  const std::lock_guard hold(mutex_);
  if (queue_.empty() && fits(waiter.wanted_bytes)) {
    reserve(waiter.wanted_bytes);
    return true;
  }
  waiter.registered = true;
  queue_.push_back(waiter);
  waiting_.fetch_add(1, std::memory_order_release);
  counters_.add(abi::Counter::request_memory_waits);
  return false;
}

bool MemoryBudget::forget(BudgetWaiter& waiter) {
  const std::lock_guard hold(mutex_);
  if (!waiter.registered) return false;
  waiter.registered = false;
  queue_.remove(waiter);
  waiting_.fetch_sub(1, std::memory_order_release);
  grant_in_order();  // the next one may be smaller
  return true;
}

void MemoryBudget::charge(uint64_t bytes) {
  const std::lock_guard hold(mutex_);
  charged_.fetch_add(bytes, std::memory_order_relaxed);
  counters_.add(abi::Counter::request_memory_bytes, static_cast<int64_t>(bytes));
}

void MemoryBudget::discharge(uint64_t bytes) { give_back(charged_, bytes); }
void MemoryBudget::release(uint64_t bytes) { give_back(reserved_, bytes); }

void MemoryBudget::give_back(std::atomic<uint64_t>& to, uint64_t bytes) {
  if (bytes == 0) return;
  const std::lock_guard hold(mutex_);
  to.fetch_sub(bytes, std::memory_order_relaxed);
  counters_.subtract(abi::Counter::request_memory_bytes, static_cast<int64_t>(bytes));
  grant_in_order();
}

void MemoryBudget::grant_in_order() {
  while (!queue_.empty() && fits(queue_.first()->wanted_bytes)) {
    BudgetWaiter& waiter = *queue_.first();
    queue_.remove(waiter);
    waiter.registered = false;
    waiting_.fetch_sub(1, std::memory_order_release);
    reserve(waiter.wanted_bytes);
    waiter.granted();
  }
}

}  // namespace milena
