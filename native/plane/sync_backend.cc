#include "plane/sync_backend.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>

namespace milena {

// What is left to threads of a round, shared by those who work on it.
struct RoundSync::Calls {
  struct Call {
    Syncable* item;
    File* file;  // null: item->sync()
  };
  std::vector<Call> calls;
  std::atomic<size_t> next{0};
  std::mutex mutex;
  std::condition_variable finished;
  size_t helpers = 0;  // guarded by mutex

  void work() {
    for (;;) {
      const size_t at = next.fetch_add(1, std::memory_order_relaxed);
      if (at >= calls.size()) return;
      const Call& call = calls[at];
      call.item->synced(call.file != nullptr ? call.file->sync() : call.item->sync());
    }
  }
  void leave() {
    const std::lock_guard lock(mutex);
    if (--helpers == 0) finished.notify_all();
  }
};

void RoundSync::run(std::span<const std::shared_ptr<Syncable>> round) {
  if (round.size() == 1) return round.front()->synced(round.front()->sync());
  const auto shared = std::make_shared<Calls>();
  begin(round, *shared);
  // This thread works too, unless it has a batch to wait for.
  const size_t own = begun_.empty() ? 1 : 0;
  const size_t helpers = shared->calls.size() > own ? std::min(shared->calls.size() - own, threads_max_) : 0;
  shared->helpers = helpers;
  for (size_t i = 0; i < helpers; i++) {
    pool_.submit([shared] {
      shared->work();
      shared->leave();
    });
  }
  if (!begun_.empty()) batch_->run(begun_);
  begun_.clear();
  shared->work();
  std::unique_lock lock(shared->mutex);
  shared->finished.wait(lock, [&] { return shared->helpers == 0; });
}

// First all writeback, then all syncs: the first journal commit finds the blocks of every file allocated.
void RoundSync::begin(std::span<const std::shared_ptr<Syncable>> round, Calls& calls) {
  std::vector<Calls::Call> whole;
  for (const auto& item : round) {
    const SyncStart start = item->begin_sync();
    if (start.is_done) {
      item->synced({});
    } else if (start.file == nullptr) {
      calls.calls.push_back({item.get(), nullptr});
    } else if (const Status status = writeback_.start(*start.file); !status) {
      item->synced(status);
    } else {
      whole.push_back({item.get(), start.file});
    }
  }
  const bool is_batch = batch_ != nullptr && whole.size() >= batch_->files_min();
  for (const Calls::Call& call : whole) {
    const int descriptor = is_batch ? call.file->plain_descriptor(FileCall::sync) : -1;
    if (descriptor >= 0) begun_.push_back({call.item, descriptor});
    else calls.calls.push_back(call);
  }
}

}  // namespace milena
