#include "log/descriptor_cache.h"

namespace milena {

void DescriptorCache::keep(std::shared_ptr<SegmentFile> file) {
  std::shared_ptr<SegmentFile> pushed_out;  // closed after the lock is gone
  const std::lock_guard lock(mutex_);
  if (files_.size() < files_max_) {
    files_.push_back(std::move(file));
    return;
  }
  if (files_max_ == 0) return;
  // Second chance, at most one full turn.
  for (size_t i = 0; i < files_.size() && files_[hand_]->take_used(); i++) hand_ = (hand_ + 1) % files_.size();
  pushed_out = std::move(files_[hand_]);
  files_[hand_] = std::move(file);
  hand_ = (hand_ + 1) % files_.size();
}

void DescriptorCache::drop(const std::shared_ptr<SegmentFile>& file) {
  const std::lock_guard lock(mutex_);
  std::erase(files_, file);
  if (hand_ >= files_.size()) hand_ = 0;
}

void DescriptorCache::clear() {
  std::vector<std::shared_ptr<SegmentFile>> closing;
  const std::lock_guard lock(mutex_);
  closing.swap(files_);
  hand_ = 0;
}

size_t DescriptorCache::size() const {
  const std::lock_guard lock(mutex_);
  return files_.size();
}

}  // namespace milena
