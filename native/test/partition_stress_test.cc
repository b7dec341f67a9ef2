// Many owners on few partitions, drained inline and by the lane; partitions that come and go under producers.
#include <atomic>
#include <random>
#include <thread>

#include "test/whole_plane.h"

using namespace milena;
using namespace milena::test;

namespace {

// Many owners on few partitions: every batch is answered exactly once, offsets are dense, and each owner's batches keep their order.
struct Stress {
  static constexpr size_t owners = 4, handles = 2;
  static constexpr uint64_t batches = 1'500;
  struct Place {
    size_t owner;
    uint64_t number;
    int64_t base_offset;
    int32_t records;
  };
  Plane& plane;
  std::mutex mutex;
  std::vector<Place> places[handles];

  void produce_all(size_t which) {
    FakeOwner owner;
    std::mt19937_64 random(which);
    std::vector<std::shared_ptr<Partition>> partitions;
    for (uint32_t handle = 0; handle < handles; handle++) partitions.push_back(plane.at(handle + 1));
    std::vector<std::pair<std::unique_ptr<TestAppend>, size_t>> kept;
    size_t answered = 0;
    for (uint64_t number = 0; number < batches; number++) {
      const size_t to = random() % handles;
      const auto records = 1 + random() % 3;
      auto append = make_append(owner, static_cast<int16_t>(static_cast<int>(random() % 3) - 1), batch_of(records, random() % 200));
      append->number = number;
      REQUIRE(is_placed(owner.place(*partitions[to], *append)));
      kept.emplace_back(std::move(append), to);
      if (number % 16 == 15) answered += owner.run_until(1).size();
    }
    answered += owner.run_until(batches - answered).size();
    for (const auto& partition : owner.take_drains()) partition->drain();
    CHECK_EQ(answered, batches);
    const std::lock_guard lock(mutex);
    for (const auto& [append, to] : kept) {
      CHECK_EQ(append->error, KafkaError::none);
      places[to].push_back({which, append->number, append->base_offset.value, append->info.last_offset_delta + 1});
    }
  }
  void check() {
    for (uint32_t handle = 0; handle < handles; handle++) {
      std::vector<Place>& all = places[handle];
      std::sort(all.begin(), all.end(), [](const Place& a, const Place& b) { return a.base_offset < b.base_offset; });
      int64_t next = 0;
      std::vector<int64_t> last(owners, -1);
      for (const Place& place : all) {
        CHECK_EQ(place.base_offset, next);
        next += place.records;
        CHECK(static_cast<int64_t>(place.number) > last[place.owner]);
        last[place.owner] = static_cast<int64_t>(place.number);
      }
      CHECK_EQ(plane.at(handle + 1)->view().log_end.value, next);
    }
  }
};

void many_owners(bool lane_mode) {
  CrashFileSystem files;
  PartitionsOptions options;
  options.lane_mode = lane_mode;
  Plane plane(files, options);
  for (uint32_t handle = 1; handle <= Stress::handles; handle++) plane.lead(handle, "topic", static_cast<int32_t>(handle));
  Stress stress{plane, {}, {}};
  std::atomic<bool> stop{false};
  std::thread reader([&] {  // what readers see never goes back and never passes the log end
    int64_t seen = 0;
    while (!stop.load()) {
      const PartitionView view = plane.at(1)->view();
      CHECK(view.high_watermark.value >= seen);
      CHECK(view.log_end >= view.high_watermark);
      seen = view.high_watermark.value;
    }
  });
  std::vector<std::thread> threads;
  for (size_t i = 0; i < Stress::owners; i++) threads.emplace_back([&stress, i] { stress.produce_all(i); });
  for (std::thread& thread : threads) thread.join();
  stop.store(true);
  reader.join();
  stress.check();
  plane.partitions->quiesce();
  CHECK(plane.counters.read(abi::Counter::appends) == static_cast<int64_t>(Stress::owners * Stress::batches));
  CHECK(plane.counters.read(abi::Counter::pwritev_calls) <= plane.counters.read(abi::Counter::appends));
  for (uint32_t handle = 1; handle <= Stress::handles; handle++) {
    CHECK(plane.at(handle)->is_quiet());
    CHECK_EQ(plane.at(handle)->high_watermark().value, plane.at(handle)->log()->ends().log_end.offset.value);
  }
  plane.partitions->close();
}

// Partitions are dropped, led anew and fenced under producers: everything placed is answered, with some error or none.
void everybody_is_answered_while_partitions_come_and_go() {
  CrashFileSystem files;
  Plane plane(files);
  std::atomic<bool> stop{false};
  plane.lead(1, "topic");
  std::vector<std::thread> threads;
  std::atomic<uint64_t> placed{0}, answered{0};
  for (size_t t = 0; t < 3; t++) {
    threads.emplace_back([&] {
      FakeOwner owner;
      PartitionCache cache(plane.partitions->table());
      while (!stop.load()) {
        std::vector<std::unique_ptr<TestAppend>> kept;
        for (int i = 0; i < 8; i++) {
          const auto partition = cache.find("topic", 0).partition;
          if (partition == nullptr) continue;
          auto append = make_append(owner, static_cast<int16_t>(i % 2 == 0 ? -1 : 1));
          if (is_placed(owner.place(*partition, *append))) kept.push_back(std::move(append));
        }
        placed.fetch_add(kept.size());
        answered.fetch_add(owner.run_until(kept.size()).size());
        for (const auto& partition : owner.take_drains()) partition->drain();
      }
    });
  }
  for (uint32_t round = 2; round < 40; round++) {
    if (round % 3 == 0) plane.lead(round - 1, "topic", 0, false, default_config(), static_cast<int32_t>(round));
    plane.partitions->drop({{round - 1, 1}, round});
    plane.lead(round, "topic");
    plane.led(round);
  }
  stop.store(true);
  for (std::thread& thread : threads) thread.join();
  CHECK_EQ(placed.load(), answered.load());
  plane.partitions->close();
}

// Owners that wait for each answer before the next batch, on a partition whose role wanders to the lane and back all the time: a lost
// role or answer hangs.
void answers_one_by_one_beside_jobs(bool write_caching) {
  CrashFileSystem files;
  Plane plane(files);
  abi::LogConfig config = default_config();
  config.write_caching = write_caching;
  config.segment_bytes = 4'000;
  plane.lead(1, "topic", 0, true, config);
  std::atomic<int> running{2};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; t++) {
    threads.emplace_back([&, t] {
      FakeOwner owner;
      const auto partition = plane.at(1);
      for (int i = 0; i < 3'000; i++) {
        const auto append = make_append(owner, static_cast<int16_t>(!write_caching || i % 2 == t ? -1 : 1));
        REQUIRE(is_placed(owner.place(*partition, *append)));
        REQUIRE(owner.run_until(1).at(0) == append.get());
      }
      for (const auto& drain : owner.take_drains()) drain->drain();
      running.fetch_sub(1);
    });
  }
  while (running.load() > 0) plane.partitions->set_config({{1, 1}, config});
  for (std::thread& thread : threads) thread.join();
  plane.partitions->close();
}

// main does not know yet that the plane closes: whatever it still asks for is answered, and nothing is left behind.
void commands_while_closing() {
  for (int round = 0; round < 10; round++) {
    CrashFileSystem files;
    Plane plane(files);
    const Buffer batch = build_batch(batch_of(1));
    for (uint32_t handle = 0; handle < 8; handle++) plane.lead(handle, "topic", static_cast<int32_t>(handle));
    std::thread closer([&] { plane.partitions->close(); });
    int64_t asked = 0;
    for (uint32_t handle = 0; handle < 8; handle++) {
      for (int i = 0; i < 20; i++) plane.partitions->append({{handle, 1}, 0, asked++, batch});
      plane.partitions->drop({{handle, 1}, asked});
      plane.lead(100 + handle, "topic", static_cast<int32_t>(handle));
    }
    closer.join();
    plane.events.look([&] {
      CHECK_EQ(static_cast<int64_t>(plane.events.appendeds.size()), asked);
      CHECK_EQ(plane.events.dones.size(), 8u);
      CHECK_EQ(plane.events.leds.size(), 16u);
    });
  }
}

}  // namespace

int main() {
  many_owners(false);
  many_owners(true);
  everybody_is_answered_while_partitions_come_and_go();
  answers_one_by_one_beside_jobs(true);
  answers_one_by_one_beside_jobs(false);
  commands_while_closing();
  return check_result();
}
