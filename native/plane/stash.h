// Bytes of one connection that were read and cannot begin yet. They exist already, so the budget counts them and never refuses them.
// Owner: Connection. Thread: its reactor's.
#pragma once
#include <algorithm>
#include <vector>

#include "base/types.h"
#include "plane/memory_budget.h"

namespace milena {

class Stash {
 public:
  explicit Stash(MemoryBudget& budget) : budget_(budget) {}
  ~Stash() { budget_.discharge(charged_); }
  Stash(const Stash&) = delete;
  Stash& operator=(const Stash&) = delete;

  bool empty() const { return begin_ == bytes_.size(); }
  size_t size() const { return bytes_.size() - begin_; }
  // Valid until the next call of anything that is not const.
  MutableBytes bytes() { return MutableBytes(bytes_).subspan(begin_); }

  void append(Bytes more) {
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<ptrdiff_t>(begin_));
    begin_ = 0;
    const size_t needed = bytes_.size() + more.size();
    if (needed > bytes_.capacity()) bytes_.reserve(std::max(needed, bytes_.capacity() + bytes_.capacity() / 4));
    bytes_.insert(bytes_.end(), more.begin(), more.end());
    charge();
  }

  // An empty stash holds no memory: most connections are idle most of the time.
  void drop_front(size_t size) {
    begin_ += size;
    if (begin_ < bytes_.size()) return;
    std::vector<std::byte>().swap(bytes_);
    begin_ = 0;
    charge();
  }

 private:
  void charge() {
    const uint64_t held = bytes_.capacity();
    if (held > charged_) budget_.charge(held - charged_);
    else budget_.discharge(charged_ - held);
    charged_ = held;
  }

  MemoryBudget& budget_;
  std::vector<std::byte> bytes_;
  size_t begin_ = 0;
  uint64_t charged_ = 0;
};

}  // namespace milena
