// The cleaner's memory: for each key of the dirty part of a log the offset of its last record. Bounded: 24 bytes a slot; when it is full
// the rest of the log waits for the next pass. Keys are kept as keyed digests, so that nobody can make two keys look alike.
#pragma once
#include <cstdlib>
#include <memory>

#include "base/siphash.h"
#include "base/types.h"

namespace milena {

class LatestOffsets {
 public:
  static constexpr size_t slot_bytes = 24;
  // The smallest table that still gets anywhere.
  static constexpr size_t slots_min = 16;

  // At most `bytes_max` bytes, and no more than `keys_expected` keys need. `load_factor` in (0, 1]: how full it may become.
  LatestOffsets(size_t bytes_max, uint64_t keys_expected, double load_factor, const Digest128& secret);

  // False when there was no memory for it.
  bool usable() const { return slots_ != nullptr; }
  const Digest128& secret() const { return secret_; }
  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  // False: full, nothing was noted. Offsets of a key come in rising order.
  bool note(const Digest128& key, int64_t offset);
  // -1: the key is not here.
  int64_t find(const Digest128& key) const;

 private:
  struct Slot {
    Digest128 key;
    int64_t offset_plus_one;  // 0: free
  };
  static_assert(sizeof(Slot) == slot_bytes);
  struct Free {
    void operator()(Slot* slots) const { std::free(slots); }
  };
  size_t place_of(const Digest128& key) const;

  const Digest128 secret_;
  size_t slot_count_;
  size_t capacity_;
  size_t size_ = 0;
  std::unique_ptr<Slot[], Free> slots_;
};

}  // namespace milena
