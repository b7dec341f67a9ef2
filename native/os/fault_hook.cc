#include "os/fault_hook.h"

#include <signal.h>
#include <unistd.h>

namespace milena {

void FaultHook::hold(FileCall kind) {
  const std::lock_guard lock(mutex_);
  kinds_[index(kind)].held.store(true, std::memory_order_release);
}

void FaultHook::release(FileCall kind) {
  {
    const std::lock_guard lock(mutex_);
    kinds_[index(kind)].held.store(false, std::memory_order_release);
  }
  released_.notify_all();
}

void FaultHook::release_all() {
  for (size_t kind = 0; kind < file_call_kinds; kind++) release(static_cast<FileCall>(kind));
}

void FaultHook::fail_call(FileCall kind, uint64_t nth, int error, bool forever, std::optional<uint64_t> written_bytes) {
  const std::lock_guard lock(mutex_);
  Kind& slot = kinds_[index(kind)];
  slot.fail_at = slot.calls.load(std::memory_order_relaxed) + nth;
  slot.error = error;
  slot.forever = forever;
  slot.kills = false;
  slot.written_bytes = written_bytes;
  slot.armed.store(true, std::memory_order_release);
}

void FaultHook::kill_at(FileCall kind, uint64_t nth) {
  const std::lock_guard lock(mutex_);
  Kind& slot = kinds_[index(kind)];
  slot.fail_at = slot.calls.load(std::memory_order_relaxed) + nth;
  slot.kills = true;
  slot.armed.store(true, std::memory_order_release);
}

void FaultHook::clear() {
  const std::lock_guard lock(mutex_);
  for (Kind& slot : kinds_) slot.armed.store(false, std::memory_order_release);
}

bool FaultHook::stands_aside(FileCall kind) {
  Kind& slot = kinds_[index(kind)];
  if (slot.armed.load(std::memory_order_acquire) || slot.held.load(std::memory_order_acquire)) return false;
  slot.calls.fetch_add(1, std::memory_order_relaxed);
  return true;
}

FaultVerdict FaultHook::before(FileCall kind) {
  Kind& slot = kinds_[index(kind)];
  const uint64_t call = slot.calls.fetch_add(1, std::memory_order_relaxed) + 1;
  if (slot.held.load(std::memory_order_acquire)) {
    std::unique_lock lock(mutex_);
    slot.waiting.fetch_add(1, std::memory_order_release);
    released_.wait(lock, [&slot] { return !slot.held.load(std::memory_order_relaxed); });
    slot.waiting.fetch_sub(1, std::memory_order_release);
  }
  if (!slot.armed.load(std::memory_order_acquire)) return {};
  const std::lock_guard lock(mutex_);
  if (!slot.armed.load(std::memory_order_relaxed) || call < slot.fail_at) return {};
  if (slot.kills) ::kill(::getpid(), SIGKILL);
  if (!slot.forever) slot.armed.store(false, std::memory_order_relaxed);
  return {slot.error, slot.written_bytes};
}

}  // namespace milena
