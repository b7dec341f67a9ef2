// Makes the calls of one FileSystem hang or fail, for tests. Belongs to its FileSystem; nothing is global. Thread: any.
#pragma once
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>

namespace milena {

enum class FileCall : uint8_t { open, read, write, sync, truncate, rename, remove, make_directory, sync_directory, list, stat, read_in_memory };
inline constexpr size_t file_call_kinds = 12;

// What a call is to do instead of its work.
struct FaultVerdict {
  int error = 0;                          // errno; 0: do the work
  std::optional<uint64_t> written_bytes;  // of a failing write: how much of it still reaches the file
};

class FaultHook {
 public:
  // From now on calls of this kind block until they are released.
  void hold(FileCall kind);
  void release(FileCall kind);
  void release_all();
  // How many wait at the closed gate right now.
  size_t waiting(FileCall kind) const { return kinds_[index(kind)].waiting.load(std::memory_order_acquire); }
  // Of File::sync, not sync_directory.
  void hold_syncs() { hold(FileCall::sync); }
  void release_syncs() { release(FileCall::sync); }
  size_t syncs_waiting() const { return waiting(FileCall::sync); }

  // The n-th call of this kind from now (1: the next) fails with `error`; with `forever`, so do all after it.
  // `written_bytes`: a failing write is short by that much rather than without effect.
  void fail_call(FileCall kind, uint64_t nth, int error, bool forever = false, std::optional<uint64_t> written_bytes = std::nullopt);
  // The process ends as by kill -9 instead of making that call.
  void kill_at(FileCall kind, uint64_t nth);
  void clear();
  uint64_t count(FileCall kind) const { return kinds_[index(kind)].calls.load(std::memory_order_relaxed); }

  // Called by file systems before the work of a call.
  FaultVerdict before(FileCall kind);
  // True: before() would return at once and let the call through; it is counted. False: nothing has happened.
  bool stands_aside(FileCall kind);

 private:
  static constexpr size_t index(FileCall kind) { return static_cast<size_t>(kind); }

  struct Kind {
    std::atomic<uint64_t> calls{0};
    std::atomic<bool> armed{false};
    std::atomic<bool> held{false};
    std::atomic<size_t> waiting{0};
    // below: guarded by mutex_
    uint64_t fail_at = 0;  // value of `calls` at which it fails
    int error = 0;
    bool forever = false;
    bool kills = false;
    std::optional<uint64_t> written_bytes;
  };
  std::array<Kind, file_call_kinds> kinds_;
  std::mutex mutex_;
  std::condition_variable released_;
};

}  // namespace milena
