// The partition table: lookups by handle, name and topic id, stale handles, and caches that notice every change.
#include "plane/partition_table.h"

#include <atomic>
#include <thread>

#include "test/plane_support.h"

using namespace milena;
using namespace milena::test;

namespace {

ManualLane lane;

TopicId id_of(uint8_t number) {
  TopicId id;
  id.bytes.fill(std::byte{number});
  return id;
}

std::shared_ptr<Partition> make(uint32_t handle, uint32_t generation, const std::string& topic, uint8_t topic_number, int32_t index) {
  static const auto config = make_partition_config(default_config(), 86'400'000);
  return std::make_shared<Partition>(PartitionIdentity{{handle, generation}, id_of(topic_number), topic, index, 0, false}, lane, LeaderEpoch{0}, true, config);
}

void finds_by_every_key() {
  PartitionTable table;
  const auto a0 = make(3, 1, "a", 1, 0);
  const auto a2 = make(4, 1, "a", 1, 2);
  const auto b0 = make(0, 9, "b", 2, 0);
  for (const auto& partition : {a0, a2, b0}) CHECK(table.insert(partition));
  CHECK_EQ(table.size(), 3u);
  CHECK(table.find(abi::PartitionHandle{3, 1}) == a0);
  CHECK(table.find(abi::PartitionHandle{3, 2}) == nullptr);
  CHECK(table.find(abi::PartitionHandle{99, 1}) == nullptr);
  CHECK(table.find("a", 2).partition == a2);
  CHECK(table.find(id_of(2), 0).partition == b0);
  for (const int32_t index : {1, 3, -1, INT32_MAX}) {
    CHECK(table.find("a", index).partition == nullptr);
    CHECK(table.find("a", index).topic_known);
  }
  CHECK(!table.find("c", 0).topic_known);
  CHECK(!table.find(id_of(7), 0).topic_known);
}

void refuses_contradictions() {
  PartitionTable table;
  CHECK(table.insert(make(1, 1, "a", 1, 0)));
  CHECK(!table.insert(make(1, 2, "a", 1, 1)));                      // the handle is in use
  CHECK(!table.insert(make(2, 1, "a", 1, 0)));                      // so is the partition
  CHECK(!table.insert(make(2, 1, "a", 2, 1)));                      // another topic of that name
  CHECK(!table.insert(make(2, 1, "b", 1, 0)));                      // another name for that topic
  CHECK(!table.insert(make(partition_handles_max, 1, "a", 1, 1)));  // no allocation larger than the limit
  CHECK(!table.insert(make(2, 1, "a", 1, -1)));
  CHECK_EQ(table.size(), 1u);
  CHECK(!table.find("b", 0).topic_known);
}

void erase_needs_the_generation() {
  PartitionTable table;
  CHECK(table.insert(make(1, 5, "a", 1, 0)));
  CHECK(table.erase({1, 4}) == nullptr);
  CHECK(table.erase({7, 5}) == nullptr);
  CHECK(table.erase({1, 5}) != nullptr);
  CHECK(table.erase({1, 5}) == nullptr);
  CHECK(!table.find("a", 0).topic_known);
  CHECK(table.insert(make(1, 6, "a", 2, 0)));  // the name is free for another topic
  CHECK(table.find(id_of(2), 0).partition != nullptr);
  CHECK(!table.find(id_of(1), 0).topic_known);
}

void caches_follow() {
  PartitionTable table;
  PartitionCache cache(table);
  CHECK(!cache.find("a", 0).topic_known);
  const auto a0 = make(1, 1, "a", 1, 0);
  CHECK(table.insert(a0));
  CHECK(cache.find("a", 0).partition == a0);
  CHECK(cache.find("a", 0).partition == a0);
  CHECK(cache.find(id_of(1), 0).partition == a0);
  CHECK(cache.find("a", 1).partition == nullptr);
  CHECK(cache.find("a", 1).topic_known);
  CHECK(cache.find("a", -1).partition == nullptr);
  const auto a1 = make(2, 1, "a", 1, 1);
  CHECK(table.insert(a1));
  CHECK(cache.find("a", 1).partition == a1);
  CHECK(table.erase({1, 1}) == a0);
  CHECK(cache.find("a", 0).partition == nullptr);
  CHECK(cache.find(id_of(1), 0).partition == nullptr);
}

void lookups_beside_changes() {
  PartitionTable table;
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (int t = 0; t < 3; t++) {
    readers.emplace_back([&] {
      PartitionCache cache(table);
      while (!stop.load()) {
        for (int32_t i = 0; i < 20; i++) {
          const auto& found = cache.find("a", i);
          if (found.partition != nullptr) CHECK_EQ(found.partition->identity().index, i);
        }
      }
    });
  }
  for (uint32_t round = 0; round < 200; round++) {
    for (uint32_t i = 0; i < 20; i++) CHECK(table.insert(make(i, round, "a", 1, static_cast<int32_t>(i))));
    for (uint32_t i = 0; i < 20; i++) CHECK(table.erase({i, round}) != nullptr);
  }
  stop.store(true);
  for (std::thread& reader : readers) reader.join();
  CHECK_EQ(table.size(), 0u);
}

}  // namespace

int main() {
  finds_by_every_key();
  refuses_contradictions();
  erase_needs_the_generation();
  caches_follow();
  lookups_beside_changes();
  return check_result();
}
