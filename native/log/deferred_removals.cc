#include "log/deferred_removals.h"

#include <utility>

namespace milena {

namespace {

bool is_set(const std::atomic<bool>* stop) { return stop != nullptr && stop->load(std::memory_order_acquire); }

}  // namespace

void DeferredRemovals::add(std::string path, bool directory, int64_t due_ms) {
  const std::lock_guard lock(mutex_);
  removals_.emplace(due_ms, Removal{std::move(path), directory});
}

std::optional<DeferredRemovals::Removal> DeferredRemovals::take_due(int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  const auto first = removals_.begin();
  if (first == removals_.end() || first->first > now_ms) return std::nullopt;
  Removal removal = std::move(first->second);
  removals_.erase(first);
  return removal;
}

size_t DeferredRemovals::run_due(int64_t now_ms, const std::atomic<bool>* stop) {
  size_t removed = 0;
  while (!is_set(stop)) {
    auto removal = take_due(now_ms);
    if (!removal) break;
    const Status status = removal->directory ? remove_tree(removal->path, stop) : files_.remove(removal->path);
    if (status || status.code == Errc::not_found) removed++;
    else add(std::move(removal->path), removal->directory, now_ms + removal_retry_ms);
  }
  return removed;
}

int64_t DeferredRemovals::next_due_ms() const {
  const std::lock_guard lock(mutex_);
  return removals_.empty() ? INT64_MAX : removals_.begin()->first;
}

size_t DeferredRemovals::pending() const {
  const std::lock_guard lock(mutex_);
  return removals_.size();
}

// Partition directories hold files and nothing deeper; a directory inside is left, and so is then the partition's.
Status DeferredRemovals::remove_tree(const std::string& path, const std::atomic<bool>* stop) {
  const auto entries = files_.list(path);
  if (!entries) return entries.why();
  for (const DirectoryEntry& entry : *entries) {
    if (entry.is_directory) continue;
    if (is_set(stop)) return {Errc::cancelled};
    if (const Status status = files_.remove(path + "/" + entry.name); !status && status.code != Errc::not_found) return status;
  }
  return files_.remove_directory(path);
}

}  // namespace milena
