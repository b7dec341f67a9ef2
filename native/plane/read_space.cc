#include "plane/read_space.h"

#include <algorithm>

namespace milena {

ReadSpace::Pages ReadSpace::make_pages(size_t size) {
  constexpr size_t page_bytes = 4096;
  auto* const pages = static_cast<std::byte*>(std::aligned_alloc(page_bytes, size));
  if (pages == nullptr) std::abort();  // as operator new does here
  return Pages(pages);
}

std::shared_ptr<void> ReadSpace::Block::lend(std::shared_ptr<Block> self) {
  if (holds.fetch_add(1, std::memory_order_relaxed) == 0) charged.charge(read_block_bytes);
  const auto give_back = [self = std::move(self)](void*) {
    if (self->holds.fetch_sub(1, std::memory_order_acq_rel) == 1) self->charged.discharge(read_block_bytes);
  };
  return {bytes.get(), give_back};
}

// Makes a block the current one that has room and may be lent.
bool ReadSpace::find_block() {
  const bool is_held = current_ && current_->is_held();
  if (is_held && read_block_bytes - used_ >= read_room_bytes_min) return true;
  if (!budget_.has_room(read_block_bytes)) return false;
  used_ = 0;
  if (current_ && !is_held) return true;
  const auto found = std::ranges::find_if(blocks_, [](const auto& block) { return !block->is_held(); });
  if (found != blocks_.end()) {
    current_ = *found;
    return true;
  }
  if (blocks_.size() == read_blocks_max) {
    current_.reset();
    return false;
  }
  current_ = blocks_.emplace_back(std::make_shared<Block>(budget_));
  return true;
}

ReadSpace::Room ReadSpace::room() {
  if (find_block()) return {{current_->bytes.get() + used_, read_block_bytes - used_}, current_->lend(current_)};
  if (!spare_) spare_ = make_pages(read_room_bytes_min);
  return {{spare_.get(), read_room_bytes_min}, nullptr};
}

}  // namespace milena
