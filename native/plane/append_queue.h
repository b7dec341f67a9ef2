// Batches that wait to be written to one partition, in the order in which they take effect, and the role of the one who writes them.
// Thread: push, call and try_acquire from any; everything else only by the holder of the drainer role.
#pragma once
#include <atomic>
#include <cstdint>
#include <span>

#include "plane/append.h"

namespace milena {

class AppendQueue {
 public:
  // `drained` true: somebody holds the role from the start (who opens the log).
  explicit AppendQueue(bool drained) : drained_(drained) {}

  // Puts a batch behind all others. True: nobody was draining, and the role is the caller's now.
  bool push(Append& append);
  // Asks for a visit of the drainer though no batch came. True as with push.
  bool call();

  // Takes the oldest batches into `into`: at least one if there is one, then as many as fit into `bytes_max`. They stay counted in
  // bytes() until release().
  size_t gather(std::span<Append*> into, uint64_t bytes_max);
  void release(uint64_t bytes) { bytes_.fetch_sub(bytes, std::memory_order_seq_cst); }
  // The oldest batch not yet gathered; null: none.
  Append* front();
  // Whether call() came since this was last asked.
  bool take_call() { return called_.exchange(false, std::memory_order_seq_cst); }
  // Gives up the role. False: something arrived meanwhile, and the role is the caller's again.
  bool give_up();

  // Bytes queued or being written. Any thread.
  uint64_t bytes() const { return bytes_.load(std::memory_order_seq_cst); }
  bool drained() const { return drained_.load(std::memory_order_seq_cst); }

 private:
  void refill();

  // Newest first; the drainer takes the whole chain and turns it around.
  std::atomic<Append*> arrived_{nullptr};
  std::atomic<uint64_t> bytes_{0};
  std::atomic<bool> drained_;
  std::atomic<bool> called_{false};
  Append* oldest_ = nullptr;  // the drainer's, in order
  Append* newest_ = nullptr;
};

}  // namespace milena
