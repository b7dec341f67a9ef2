#include "os/fault_hook.h"

namespace milena {

void FaultHook::hold_syncs() {
  const std::lock_guard lock(mutex_);
  held_.store(true, std::memory_order_release);
}

void FaultHook::release_syncs() {
  {
    const std::lock_guard lock(mutex_);
    held_.store(false, std::memory_order_release);
  }
  released_.notify_all();
}

void FaultHook::fail_call(FileCall kind, uint64_t nth, int error, bool forever, std::optional<uint64_t> written_bytes) {
  const std::lock_guard lock(mutex_);
  Kind& slot = kinds_[index(kind)];
  slot.fail_at = slot.calls.load(std::memory_order_relaxed) + nth;
  slot.error = error;
  slot.forever = forever;
  slot.written_bytes = written_bytes;
  slot.armed.store(true, std::memory_order_release);
}

void FaultHook::clear() {
  const std::lock_guard lock(mutex_);
  for (Kind& slot : kinds_) slot.armed.store(false, std::memory_order_release);
}

FaultVerdict FaultHook::before(FileCall kind) {
  Kind& slot = kinds_[index(kind)];
  const uint64_t call = slot.calls.fetch_add(1, std::memory_order_relaxed) + 1;
  if (kind == FileCall::sync && held_.load(std::memory_order_acquire)) {
    std::unique_lock lock(mutex_);
    waiting_.fetch_add(1, std::memory_order_release);
    released_.wait(lock, [this] { return !held_.load(std::memory_order_relaxed); });
    waiting_.fetch_sub(1, std::memory_order_release);
  }
  if (!slot.armed.load(std::memory_order_acquire)) return {};
  const std::lock_guard lock(mutex_);
  if (!slot.armed.load(std::memory_order_relaxed) || call < slot.fail_at) return {};
  if (!slot.forever) slot.armed.store(false, std::memory_order_relaxed);
  return {slot.error, slot.written_bytes};
}

}  // namespace milena
