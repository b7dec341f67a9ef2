// Partitions drained together: by both backends the same bytes, the same answers, the same order; a write that fails is its partition's.
#include "plane/drain_round.h"

#include <thread>

#include "os/posix_file.h"
#include "os/ring_writes.h"
#include "os/whole_file.h"
#include "test/scratch_folder.h"
#include "test/whole_plane.h"

using namespace milena;
using namespace milena::test;

namespace {

constexpr uint32_t partitions = 70;  // more than are drained together

struct Together {
  explicit Together(bool by_ring, bool lane_mode = false) : round(make_write_backend(by_ring)) {
    PartitionsOptions options;
    options.log_dirs = {folder.path() + "/data"};
    options.lane_mode = lane_mode;
    options.backends.ring_appends = by_ring;
    plane = std::make_unique<Plane>(files, options);
    abi::LogConfig config = default_config();
    config.segment_bytes = 1'000;
    for (uint32_t i = 0; i < partitions; i++) plane->lead(i, "topic", static_cast<int32_t>(i), true, config);
    plane->events.wait([&] { return plane->events.leds.size() == partitions; });
    settle();
  }
  // Until nobody else drains or writes.
  void settle() {
    for (uint32_t i = 0; i < partitions; i++) {
      while (!plane->at(i)->is_quiet()) std::this_thread::yield();
    }
    plane->partitions->lane(0).group_commit().wait_idle();
  }
  // One batch to each, then a turn for all at once.
  std::vector<std::unique_ptr<TestAppend>> produce(size_t records) {
    std::vector<std::unique_ptr<TestAppend>> appends;
    std::vector<std::shared_ptr<Partition>> drains;
    for (uint32_t i = 0; i < partitions; i++) {
      appends.push_back(make_append(owner, 1, batch_of(records, 1 + i)));
      const auto partition = plane->at(i);
      const Enqueued enqueued = partition->enqueue(*appends.back());
      REQUIRE(is_placed(enqueued.placement));
      if (enqueued.drain) drains.push_back(partition);
    }
    round.drain(drains);
    owner.run_until(partitions);
    return appends;
  }
  std::string log_of(uint32_t partition, const std::string& segment) {
    const auto bytes = read_text(files, folder.path() + "/data/topic-" + std::to_string(partition) + "/" + segment + ".log");
    return bytes ? *bytes : "missing";
  }

  PosixFileSystem files;
  ScratchFolder folder{"drain"};
  FakeOwner owner;
  DrainRound round;
  std::unique_ptr<Plane> plane;
};

void the_same_by_both() {
  Together ring(true), plain(false);
  for (size_t turn = 0; turn < 12; turn++) {
    const auto a = ring.produce(1 + turn % 3);
    const auto b = plain.produce(1 + turn % 3);
    for (uint32_t i = 0; i < partitions; i++) {
      CHECK_EQ(a[i]->error, KafkaError::none);
      CHECK_EQ(a[i]->base_offset.value, b[i]->base_offset.value);
    }
  }
  size_t rolled = 0;
  for (uint32_t i = 0; i < partitions; i++) {
    const LogEnds ends = plain.plane->at(i)->log()->ends();
    CHECK_EQ(ring.plane->at(i)->log()->ends().log_end.offset.value, ends.log_end.offset.value);
    std::string digits = std::to_string(ends.log_end.segment_base.value);
    for (const std::string& segment : {std::string(20, '0'), std::string(20 - digits.size(), '0') + digits})
      CHECK(ring.log_of(i, segment) == plain.log_of(i, segment) && plain.log_of(i, segment) != "missing");
    rolled += ends.log_end.segment_base.value > 0 ? 1u : 0u;
  }
  CHECK(rolled > 0);
  ring.plane->partitions->close();
  plain.plane->partitions->close();
}

void a_failed_write_is_its_partitions(bool by_ring) {
  Together t(by_ring);
  t.produce(1);
  t.settle();
  const std::string before = t.log_of(7, std::string(20, '0'));
  t.files.faults().fail_call(FileCall::write, 8, ENOSPC, false, 20);
  const auto second = t.produce(1);
  for (uint32_t i = 0; i < partitions; i++) CHECK_EQ(second[i]->error, i == 7 ? KafkaError::kafka_storage_error : KafkaError::none);
  CHECK(t.log_of(7, std::string(20, '0')) == before);  // cut back
  const auto third = t.produce(1);
  for (uint32_t i = 0; i < partitions; i++) CHECK_EQ(third[i]->base_offset.value, i == 7 ? 1 : 2);
  t.plane->partitions->close();
}

void lanes_drain_together_too() {
  Together t(true, true);
  for (int turn = 0; turn < 5; turn++) {
    const auto appends = t.produce(2);
    for (const auto& append : appends) CHECK_EQ(append->base_offset.value, 2 * turn);
  }
  t.plane->partitions->close();
}

}  // namespace

int main() {
  the_same_by_both();
  a_failed_write_is_its_partitions(true);
  a_failed_write_is_its_partitions(false);
  lanes_drain_together_too();
  return check_result();
}
