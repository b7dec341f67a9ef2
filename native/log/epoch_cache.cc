#include "log/epoch_cache.h"

#include <algorithm>
#include <span>
#include <utility>

namespace milena {

bool EpochCache::assign(LeaderEpoch epoch, Offset start) {
  const std::lock_guard lock(mutex_);
  if (!entries_.empty() && entries_.back().epoch == epoch && start >= entries_.back().start_offset) return false;
  while (!entries_.empty() && (entries_.back().epoch >= epoch || entries_.back().start_offset >= start)) entries_.pop_back();
  entries_.push_back({epoch, start});
  dirty_ = true;
  return true;
}

void EpochCache::truncate_from_end(Offset end) {
  const std::lock_guard lock(mutex_);
  while (!entries_.empty() && entries_.back().start_offset >= end) {
    entries_.pop_back();
    dirty_ = true;
  }
}

void EpochCache::truncate_from_start(Offset start) {
  const std::lock_guard lock(mutex_);
  const auto above = std::find_if(entries_.begin(), entries_.end(), [&](const EpochEntry& entry) { return entry.start_offset > start; });
  if (above == entries_.begin()) return;
  const auto in_force = above - 1;
  if (in_force == entries_.begin() && in_force->start_offset == start) return;
  in_force->start_offset = start;
  entries_.erase(entries_.begin(), in_force);
  dirty_ = true;
}

void EpochCache::replace(std::vector<EpochEntry> entries) {
  const std::lock_guard lock(mutex_);
  entries_ = std::move(entries);
  in_file_ = entries_;
}

LeaderEpoch EpochCache::latest() const {
  const std::lock_guard lock(mutex_);
  return entries_.empty() ? LeaderEpoch{-1} : entries_.back().epoch;
}

EpochEnd EpochCache::end_offset_for(LeaderEpoch epoch, Offset log_end) const {
  const std::lock_guard lock(mutex_);
  if (epoch.value < 0 || entries_.empty()) return {};
  if (entries_.back().epoch == epoch) return {epoch, log_end};
  const auto higher = std::find_if(entries_.begin(), entries_.end(), [&](const EpochEntry& entry) { return entry.epoch > epoch; });
  if (higher == entries_.end()) return {};
  // Older than all that is known: its records are gone, and the first known epoch's start is where a follower may begin.
  if (higher == entries_.begin()) return {epoch, higher->start_offset};
  return {(higher - 1)->epoch, higher->start_offset};
}

LeaderEpoch EpochCache::earliest_at(Offset log_start) const {
  const std::lock_guard lock(mutex_);
  return !entries_.empty() && entries_.front().start_offset <= log_start ? entries_.front().epoch : LeaderEpoch{-1};
}

std::vector<EpochEntry> EpochCache::entries() const {
  const std::lock_guard lock(mutex_);
  return entries_;
}

bool EpochCache::take_dirty() {
  const std::lock_guard lock(mutex_);
  if (dirty_) in_file_ = entries_;
  return std::exchange(dirty_, false);
}

bool EpochCache::file_lacks(Offset log_end) const {
  const std::lock_guard lock(mutex_);
  const auto below = [&](const std::vector<EpochEntry>& entries) {
    return std::span(entries.begin(), std::find_if(entries.begin(), entries.end(), [&](const EpochEntry& entry) { return entry.start_offset >= log_end; }));
  };
  const auto here = below(entries_);
  const auto there = below(in_file_);
  return dirty_ && !std::equal(here.begin(), here.end(), there.begin(), there.end());
}

void EpochCache::mark_dirty() {
  const std::lock_guard lock(mutex_);
  in_file_.clear();
  dirty_ = true;
}

}  // namespace milena
