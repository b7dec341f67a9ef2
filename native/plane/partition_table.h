// Every partition this broker leads, by handle, by topic name and by topic id. One per data plane.
// Thread: changed by main's, looked up by any. Reactors look up through a PartitionCache of their own, which asks the table only for
// what it has not seen since the last change.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "log/topic_partition.h"
#include "plane/partition.h"

namespace milena {

inline constexpr uint32_t partition_handles_max = 1u << 22;
inline constexpr int32_t partition_index_max = 1 << 20;      // of one topic
inline constexpr size_t partition_cache_entries_max = 1 << 18;  // forgets everything beyond

struct NameHash {
  using is_transparent = void;
  size_t operator()(std::string_view name) const { return std::hash<std::string_view>{}(name); }
};

// `partition` null: this broker does not lead it; `topic_known` tells UNKNOWN_TOPIC_OR_PARTITION from UNKNOWN_TOPIC_ID.
struct PartitionLookup {
  std::shared_ptr<Partition> partition;
  bool topic_known = false;
};

class PartitionTable {
 public:
  // Publishes a partition under its handle, name and topic id. False: the handle is in use or beyond partition_handles_max, or the
  // name belongs to another id.
  bool insert(std::shared_ptr<Partition> partition);
  // Takes it out of every index; null when the handle is stale.
  std::shared_ptr<Partition> erase(abi::PartitionHandle handle);

  std::shared_ptr<Partition> find(abi::PartitionHandle handle) const;
  PartitionLookup find(std::string_view topic, int32_t index) const;
  PartitionLookup find(const TopicId& topic_id, int32_t index) const;
  // Every partition, in no order.
  std::vector<std::shared_ptr<Partition>> all() const;
  size_t size() const { return size_.load(std::memory_order_relaxed); }
  // Changes with every insert and erase.
  uint64_t version() const { return version_.load(std::memory_order_acquire); }

 private:
  struct Topic {
    TopicId id{};
    std::vector<std::shared_ptr<Partition>> partitions;  // by index; null where led elsewhere
    size_t live = 0;
  };
  static PartitionLookup in(const Topic& topic, int32_t index);

  std::atomic<uint64_t> version_{1};
  std::atomic<size_t> size_{0};
  mutable std::shared_mutex mutex_;
  // Guarded by mutex_:
  std::vector<std::shared_ptr<Partition>> by_handle_;
  std::unordered_map<std::string, std::unique_ptr<Topic>, NameHash, std::equal_to<>> by_name_;
  std::unordered_map<TopicId, Topic*, UuidHash> by_id_;
};

// What one reactor remembers of the table. Thread: its reactor's.
class PartitionCache {
 public:
  explicit PartitionCache(const PartitionTable& table) : table_(table) {}
  // The reference is valid until the next call.
  const PartitionLookup& find(std::string_view topic, int32_t index);
  const PartitionLookup& find(const TopicId& topic_id, int32_t index);

 private:
  void refresh();
  const PartitionLookup& remember(std::vector<PartitionLookup>& known, int32_t index, PartitionLookup found);

  const PartitionTable& table_;
  uint64_t version_ = 0;
  size_t held_ = 0;
  PartitionLookup miss_;
  std::unordered_map<std::string, std::vector<PartitionLookup>, NameHash, std::equal_to<>> by_name_;
  std::unordered_map<TopicId, std::vector<PartitionLookup>, UuidHash> by_id_;
};

}  // namespace milena
