#include "log/latest_offsets.h"

#include <algorithm>

namespace milena {

// Where memory allows it, half of the slots stay free: probing a table that is nine tenths full costs fifty steps.
LatestOffsets::LatestOffsets(size_t bytes_max, uint64_t keys_expected, double load_factor, const Digest128& secret)
    : secret_(secret),
      slot_count_(std::max<size_t>(slots_min, static_cast<size_t>(std::min<uint64_t>(bytes_max / slot_bytes, 2 * std::min<uint64_t>(keys_expected, UINT64_MAX / 4))))),
      capacity_(std::clamp<size_t>(static_cast<size_t>(static_cast<double>(slot_count_) * load_factor), 1, slot_count_ - 1)),
      slots_(static_cast<Slot*>(std::calloc(slot_count_, sizeof(Slot)))) {}

size_t LatestOffsets::place_of(const Digest128& key) const {
  size_t at = static_cast<size_t>(key.low % slot_count_);
  while (slots_[at].offset_plus_one != 0 && !(slots_[at].key == key)) at = at + 1 == slot_count_ ? 0 : at + 1;
  return at;
}

bool LatestOffsets::note(const Digest128& key, int64_t offset) {
  Slot& slot = slots_[place_of(key)];
  if (slot.offset_plus_one == 0) {
    if (size_ == capacity_) return false;
    size_++;
    slot.key = key;
  }
  slot.offset_plus_one = offset + 1;
  return true;
}

int64_t LatestOffsets::find(const Digest128& key) const { return slots_[place_of(key)].offset_plus_one - 1; }

}  // namespace milena
