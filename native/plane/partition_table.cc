#include "plane/partition_table.h"

#include <mutex>

namespace milena {

PartitionLookup PartitionTable::in(const Topic& topic, int32_t index) {
  if (index < 0 || static_cast<size_t>(index) >= topic.partitions.size()) return {nullptr, true};
  return {topic.partitions[static_cast<size_t>(index)], true};
}

bool PartitionTable::insert(std::shared_ptr<Partition> partition) {
  const PartitionIdentity& id = partition->identity();
  if (id.handle.index >= partition_handles_max || id.index < 0 || id.index > partition_index_max) return false;
  const std::lock_guard lock(mutex_);
  if (id.handle.index >= by_handle_.size()) by_handle_.resize(id.handle.index + 1);
  if (by_handle_[id.handle.index] != nullptr) return false;
  auto named = by_name_.find(id.topic);
  if (named == by_name_.end()) {
    if (by_id_.contains(id.topic_id)) return false;
    named = by_name_.emplace(id.topic, std::make_unique<Topic>()).first;
    named->second->id = id.topic_id;
    by_id_.emplace(id.topic_id, named->second.get());
  }
  Topic& topic = *named->second;
  const auto at = static_cast<size_t>(id.index);
  if (topic.id != id.topic_id || (at < topic.partitions.size() && topic.partitions[at] != nullptr)) return false;
  if (at >= topic.partitions.size()) topic.partitions.resize(at + 1);
  topic.partitions[at] = partition;
  topic.live++;
  by_handle_[id.handle.index] = std::move(partition);
  size_.fetch_add(1, std::memory_order_relaxed);
  version_.fetch_add(1, std::memory_order_release);
  return true;
}

std::shared_ptr<Partition> PartitionTable::erase(abi::PartitionHandle handle) {
  const std::lock_guard lock(mutex_);
  if (handle.index >= by_handle_.size()) return nullptr;
  std::shared_ptr<Partition> partition = by_handle_[handle.index];
  if (partition == nullptr || partition->identity().handle.generation != handle.generation) return nullptr;
  by_handle_[handle.index] = nullptr;
  const PartitionIdentity& id = partition->identity();
  const auto named = by_name_.find(id.topic);
  Topic& topic = *named->second;
  topic.partitions[static_cast<size_t>(id.index)] = nullptr;
  if (--topic.live == 0) {
    by_id_.erase(topic.id);
    by_name_.erase(named);
  }
  size_.fetch_sub(1, std::memory_order_relaxed);
  version_.fetch_add(1, std::memory_order_release);
  return partition;
}

std::shared_ptr<Partition> PartitionTable::find(abi::PartitionHandle handle) const {
  const std::shared_lock lock(mutex_);
  if (handle.index >= by_handle_.size()) return nullptr;
  const std::shared_ptr<Partition>& partition = by_handle_[handle.index];
  return partition != nullptr && partition->identity().handle.generation == handle.generation ? partition : nullptr;
}

PartitionLookup PartitionTable::find(std::string_view topic, int32_t index) const {
  const std::shared_lock lock(mutex_);
  const auto named = by_name_.find(topic);
  return named == by_name_.end() ? PartitionLookup{} : in(*named->second, index);
}

PartitionLookup PartitionTable::find(const TopicId& topic_id, int32_t index) const {
  const std::shared_lock lock(mutex_);
  const auto known = by_id_.find(topic_id);
  return known == by_id_.end() ? PartitionLookup{} : in(*known->second, index);
}

std::vector<std::shared_ptr<Partition>> PartitionTable::all() const {
  std::vector<std::shared_ptr<Partition>> all;
  all.reserve(size());
  const std::shared_lock lock(mutex_);
  for (const auto& partition : by_handle_) {
    if (partition != nullptr) all.push_back(partition);
  }
  return all;
}

// Only what exists is remembered, so that names nobody has cannot fill the cache.
const PartitionLookup& PartitionCache::remember(std::vector<PartitionLookup>& known, int32_t index, PartitionLookup found) {
  const auto at = static_cast<size_t>(index);
  held_ += at >= known.size() ? at + 1 - known.size() : 0;
  if (at >= known.size()) known.resize(at + 1);
  known[at] = std::move(found);
  return known[at];
}

void PartitionCache::refresh() {
  const uint64_t now = table_.version();
  if (now == version_ && held_ <= partition_cache_entries_max) return;
  by_name_.clear();
  by_id_.clear();
  held_ = 0;
  version_ = now;
}

const PartitionLookup& PartitionCache::find(std::string_view topic, int32_t index) {
  refresh();
  const auto known = by_name_.find(topic);
  if (known != by_name_.end() && index >= 0 && static_cast<size_t>(index) < known->second.size()) {
    const PartitionLookup& held = known->second[static_cast<size_t>(index)];
    if (held.partition != nullptr) return held;
  }
  PartitionLookup found = table_.find(topic, index);
  if (found.partition != nullptr) {
    return remember(known != by_name_.end() ? known->second : by_name_[std::string(topic)], index, std::move(found));
  }
  miss_ = std::move(found);
  return miss_;
}

const PartitionLookup& PartitionCache::find(const TopicId& topic_id, int32_t index) {
  refresh();
  const auto known = by_id_.find(topic_id);
  if (known != by_id_.end() && index >= 0 && static_cast<size_t>(index) < known->second.size()) {
    const PartitionLookup& held = known->second[static_cast<size_t>(index)];
    if (held.partition != nullptr) return held;
  }
  PartitionLookup found = table_.find(topic_id, index);
  if (found.partition != nullptr) return remember(by_id_[topic_id], index, std::move(found));
  miss_ = std::move(found);
  return miss_;
}

}  // namespace milena
