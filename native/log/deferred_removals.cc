#include "log/deferred_removals.h"

#include <algorithm>
#include <utility>

namespace milena {

void DeferredRemovals::add(std::string path, bool directory, int64_t due_ms) {
  const std::lock_guard lock(mutex_);
  removals_.push_back({std::move(path), directory, due_ms});
}

size_t DeferredRemovals::run_due(int64_t now_ms) {
  std::vector<Removal> due;
  {
    const std::lock_guard lock(mutex_);
    const auto first_due = std::partition(removals_.begin(), removals_.end(), [&](const Removal& removal) { return removal.due_ms > now_ms; });
    due.assign(std::make_move_iterator(first_due), std::make_move_iterator(removals_.end()));
    removals_.erase(first_due, removals_.end());
  }
  size_t removed = 0;
  for (Removal& removal : due) {
    const Status status = removal.directory ? remove_tree(removal.path) : files_.remove(removal.path);
    if (status || status.code == Errc::not_found) {
      removed++;
      continue;
    }
    const std::lock_guard lock(mutex_);
    removals_.push_back(std::move(removal));
  }
  return removed;
}

int64_t DeferredRemovals::next_due_ms() const {
  const std::lock_guard lock(mutex_);
  int64_t next = INT64_MAX;
  for (const Removal& removal : removals_) next = std::min(next, removal.due_ms);
  return next;
}

size_t DeferredRemovals::pending() const {
  const std::lock_guard lock(mutex_);
  return removals_.size();
}

// Partition directories hold files and nothing deeper; a directory inside is left, and so is then the partition's.
Status DeferredRemovals::remove_tree(const std::string& path) {
  const auto entries = files_.list(path);
  if (!entries) return entries.why();
  for (const DirectoryEntry& entry : *entries) {
    if (entry.is_directory) continue;
    if (const Status status = files_.remove(path + "/" + entry.name); !status && status.code != Errc::not_found) return status;
  }
  return files_.remove_directory(path);
}

}  // namespace milena
