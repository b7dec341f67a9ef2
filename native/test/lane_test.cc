// The partition side as a whole, with its threads,: start, stop, faults, main's commands.
#include <random>
#include <thread>

#include "os/posix_file.h"
#include "test/scratch_folder.h"
#include "test/whole_plane.h"

using namespace milena;
using namespace milena::test;

namespace {

void a_clean_stop_leaves_nothing_to_recover() {
  CrashFileSystem files;
  FakeOwner owner;
  {
    Plane plane(files);
    plane.lead(1, "topic", 3);
    CHECK_EQ(plane.led(1).error, 0);
    produce(plane, 1, acks_all, 10, owner);
    CHECK_EQ(plane.at(1)->view().high_watermark.value, 10);
    produce(plane, 1, 1, 5, owner);
    plane.partitions->quiesce();
    CHECK_EQ(plane.at(1)->view().error, KafkaError::not_leader_or_follower);
    plane.partitions->close();
    plane.partitions->close();
  }
  std::mt19937_64 chance(1);
  files.crash(chance);  // everything was synced
  Plane plane(files);
  CHECK(plane.partitions->lane(0).directory().was_clean());
  plane.lead(1, "topic", 3, false);
  CHECK_EQ(plane.led(1).log_end, 15);
  CHECK_EQ(plane.at(1)->view().high_watermark.value, 15);
  plane.partitions->close();
}

void a_killed_process_loses_nothing_written() {
  CrashFileSystem files;
  FakeOwner owner;
  {
    Plane plane(files);
    plane.lead(1, "topic");
    produce(plane, 1, acks_all, 10, owner);
    plane.files.faults().hold_syncs();
    produce(plane, 1, 1, 5, owner);  // answered, not durable
    CHECK_EQ(plane.at(1)->view().high_watermark.value, 10);
    files.kill_process();
    plane.files.faults().release_syncs();
  }
  Plane plane(files);
  CHECK(!plane.partitions->lane(0).directory().was_clean());
  plane.lead(1, "topic", 0, false, default_config(), 1);
  const Events::Led led = plane.led(1);
  CHECK_EQ(led.error, 0);
  CHECK_EQ(led.log_end, 15);
  CHECK_EQ(plane.at(1)->view().high_watermark.value, 15);  // recovery has synced it
  plane.partitions->close();
}

void held_syncs_hold_acks_all_and_readers_only() {
  CrashFileSystem files;
  FakeOwner owner;
  Plane plane(files);
  plane.lead(1, "durable");
  abi::LogConfig caching = default_config();
  caching.write_caching = true;
  plane.lead(2, "caching", 0, true, caching);
  plane.led(1);
  plane.led(2);
  files.faults().hold_syncs();
  produce(plane, 2, acks_all, 3, owner);
  CHECK_EQ(plane.at(2)->view().high_watermark.value, 3);
  const auto all = make_append(owner, acks_all);
  const auto one = make_append(owner, 1);
  CHECK_EQ(owner.place(*plane.at(1), *all), Placement::placed);
  CHECK_EQ(owner.place(*plane.at(1), *one), Placement::placed);
  const auto first = owner.run_until(1);
  CHECK(first.size() == 1 && first[0] == one.get());
  CHECK_EQ(plane.at(1)->view().high_watermark.value, 0);
  FetchWaiter waiter;
  waiter.owner = &owner;
  FetchWait wait;
  wait.waiter = &waiter;
  CHECK(plane.at(1)->await_fetch(wait));
  files.faults().release_syncs();
  CHECK(owner.run_until(1)[0] == all.get());
  produce(plane, 1, acks_all, 1, owner);
  CHECK_EQ(plane.at(1)->view().high_watermark.value, 3);
  plane.at(1)->forget_fetch(wait);
  CHECK(waiter.woken());
  plane.partitions->close();
}

void a_failed_sync_is_reported() {
  CrashFileSystem files;
  FakeOwner owner;
  Plane plane(files);
  plane.lead(1, "topic");
  plane.lead(2, "other");
  plane.led(1);
  plane.led(2);
  produce(plane, 1, acks_all, 1, owner);
  files.faults().fail_call(FileCall::sync, 1, EIO);
  const auto lost = make_append(owner, acks_all);
  owner.place(*plane.at(1), *lost);
  owner.run_until(1);
  CHECK_EQ(lost->error, KafkaError::kafka_storage_error);
  plane.events.wait([&] { return !plane.events.faileds.empty(); });
  CHECK_EQ(plane.at(1)->view().error, KafkaError::kafka_storage_error);
  produce(plane, 2, acks_all, 1, owner);  // the others go on
  plane.partitions->close();
  Plane again(files);
  CHECK(!again.partitions->lane(0).directory().was_clean());
  again.partitions->close();
}

void drop_and_make_anew() {
  CrashFileSystem files;
  FakeOwner owner;
  Plane plane(files);
  plane.lead(1, "topic");
  produce(plane, 1, acks_all, 3, owner);
  files.faults().hold_syncs();
  const auto parked = make_append(owner, acks_all);
  owner.place(*plane.at(1), *parked);
  const auto held = plane.at(1);
  plane.partitions->drop({{1, 1}, 42});
  CHECK(plane.at(1) == nullptr);
  owner.run_until(1);
  CHECK_EQ(parked->error, KafkaError::unknown_topic_or_partition);
  CHECK_EQ(held->view().error, KafkaError::unknown_topic_or_partition);
  plane.lead(2, "topic");  // waits for the removal of the first
  CHECK_EQ(plane.at(2)->view().high_watermark.value, 0);
  const auto early = make_append(owner, acks_all);
  CHECK_EQ(owner.place(*plane.at(2), *early), Placement::placed);
  files.faults().release_syncs();
  plane.events.wait([&] { return !plane.events.dones.empty(); });
  CHECK_EQ(plane.events.dones[0].ticket, 42);
  CHECK_EQ(plane.events.dones[0].error, 0);
  CHECK_EQ(plane.led(2).log_end, 0);
  owner.run_until(1);
  CHECK_EQ(early->base_offset.value, 0);
  const auto names = files.list("/data");
  REQUIRE(names);
  size_t deleted = 0;
  for (const DirectoryEntry& entry : *names) deleted += entry.name.ends_with("-delete") ? 1u : 0u;
  CHECK_EQ(deleted, 1u);
  plane.partitions->drop({{9, 9}, 43});
  plane.events.wait([&] { return plane.events.dones.size() == 2; });
  CHECK_EQ(plane.events.dones[1].error, code_of(KafkaError::unknown_topic_or_partition));
  plane.partitions->close();
}

void what_an_earlier_run_dropped_is_removed() {
  CrashFileSystem files;
  for (const char* name : {"/data", "/data/topic-0.0123456789abcdef0123456789abcdef-delete"}) REQUIRE(files.make_directory(name));
  Plane plane(files);
  plane.lead(1, "other");
  plane.led(1);
  plane.partitions->lane(0).tick();
  wait_until_so([&] { return plane.partitions->lane(0).directory().removals().pending() == 0; });
  plane.partitions->close();
  const auto names = files.list("/data");
  REQUIRE(names);
  for (const DirectoryEntry& entry : *names) CHECK(!entry.name.ends_with("-delete"));
}

void mains_commands() {
  CrashFileSystem files;
  Plane plane(files);
  plane.lead(1, "__consumer_offsets");
  plane.led(1);
  plane.partitions->watch({{1, 1}});
  const Buffer batch = build_batch(batch_of(2));
  plane.partitions->append({{1, 1}, 0, 7, batch});
  plane.partitions->append({{1, 1}, 0, 8, batch});
  plane.partitions->append({{1, 1}, 3, 9, batch});                        // not our epoch
  plane.partitions->append({{1, 1}, 0, 10, Bytes(batch).first(20)});      // not a batch
  plane.partitions->append({{5, 1}, 0, 11, batch});                       // not a partition
  plane.events.wait([&] { return plane.events.appendeds.size() == 5 && !plane.events.moves.empty() && plane.events.moves.back().offset == 4; });
  for (const abi::AppendedEvent& event : plane.events.appendeds) {
    switch (event.ticket) {
      case 7: CHECK_EQ(event.base_offset, 0); break;
      case 8: CHECK_EQ(event.base_offset, 2); break;
      case 9: CHECK_EQ(event.error, code_of(KafkaError::not_leader_or_follower)); break;
      case 10: CHECK_EQ(event.error, code_of(KafkaError::corrupt_message)); break;
      default: CHECK_EQ(event.error, code_of(KafkaError::unknown_topic_or_partition));
    }
  }
  plane.partitions->read({{1, 1}, 0, 1 << 20, 20});
  plane.partitions->read({{1, 1}, 3, 1, 21});  // at least the batch that holds it
  plane.partitions->read({{1, 1}, 4, 1 << 20, 22});
  plane.partitions->read({{1, 1}, 5, 1 << 20, 23});
  plane.events.wait([&] { return plane.events.reads.size() == 4; });
  CHECK_EQ(plane.events.reads[0].batches.size(), 2 * batch.size());
  CHECK_EQ(plane.events.reads[1].batches.size(), batch.size());
  CHECK_EQ(plane.events.reads[2].batches.size(), 0u);
  CHECK_EQ(plane.events.reads[2].error, 0);
  CHECK_EQ(plane.events.reads[3].error, code_of(KafkaError::offset_out_of_range));

  plane.partitions->delete_before({{1, 1}, 2, 30});
  CHECK_EQ(plane.at(1)->view().log_start.value, 2);
  plane.partitions->delete_before({{1, 1}, 99, 31});
  plane.events.wait([&] { return plane.events.dones.size() == 2; });
  plane.partitions->query({40, abi::QueryWhat::producers, {{1, 1}, {6, 1}}});
  REQUIRE(plane.events.querieds.size() == 1);
  const auto& facts = plane.events.querieds[0].partitions;
  CHECK_EQ(facts[0].log_start_offset, 2);
  CHECK_EQ(facts[0].high_watermark, 4);
  CHECK_EQ(facts[0].size_bytes, static_cast<int64_t>(2 * batch.size()));
  CHECK_EQ(facts[1].error, code_of(KafkaError::unknown_topic_or_partition));

  plane.lead(1, "__consumer_offsets", 0, false, default_config(), 4);  // a new epoch
  plane.partitions->append({{1, 1}, 4, 50, batch});
  plane.events.wait([&] { return plane.events.leds.size() == 2 && plane.events.appendeds.size() == 6; });
  CHECK_EQ(plane.events.leds[1].log_end, 4);
  CHECK_EQ(plane.events.appendeds[5].base_offset, 4);
  plane.lead(1, "__consumer_offsets", 0, false, default_config(), 2);  // an old one
  plane.lead(8, "../../etc");
  CHECK_EQ(plane.led(8).error, code_of(KafkaError::invalid_topic_exception));
  CHECK_EQ(plane.led(1).error, code_of(KafkaError::fenced_leader_epoch));
  plane.partitions->close();
}

void many_partitions_open_in_parallel() {
  CrashFileSystem files;
  {
    Plane plane(files);
    for (uint32_t handle = 0; handle < 1'500; handle++) plane.lead(handle, "topic", static_cast<int32_t>(handle));
    plane.events.wait([&] { return plane.events.leds.size() == 1'500; });
    plane.partitions->close();
  }
  Plane plane(files);
  for (uint32_t handle = 0; handle < 1'500; handle++) plane.lead(handle, "topic", static_cast<int32_t>(handle), false);
  plane.events.wait([&] { return plane.events.leds.size() == 1'500; });
  bool is_noticed = false;
  plane.events.wait([&] {
    for (const std::string& notice : plane.events.notices) is_noticed |= notice.find(" partitions of /data opened, ") != std::string::npos;
    return is_noticed;
  });
  for (const Events::Led& led : plane.events.leds) CHECK_EQ(led.error, 0);
  plane.partitions->close();
}

void stopping_during_the_start_keeps_recovery_due() {
  CrashFileSystem files;
  FakeOwner owner;
  {
    Plane plane(files);
    plane.lead(1, "topic");
    produce(plane, 1, acks_all, 3, owner);
  }  // no close(): a crash
  {
    Plane plane(files);  // stopped before main has led anything
    plane.partitions->close();
  }
  Plane plane(files);
  CHECK(!plane.partitions->lane(0).directory().was_clean());
  plane.lead(1, "topic", 0, false);
  CHECK_EQ(plane.led(1).log_end, 3);
  plane.partitions->close();
  Plane again(files);
  CHECK(again.partitions->lane(0).directory().was_clean());
  again.partitions->close();
}

// Those whose opening was cancelled have no directory yet: the next start makes them.
void stopping_while_partitions_are_made_is_clean() {
  constexpr uint32_t partitions = 1'500;
  CrashFileSystem files;
  {
    Plane plane(files);
    for (uint32_t handle = 0; handle < partitions; handle++) plane.lead(handle, "topic", static_cast<int32_t>(handle));
    plane.partitions->close();
  }
  Plane plane(files);
  CHECK(plane.partitions->lane(0).directory().was_clean());
  for (uint32_t handle = 0; handle < partitions; handle++) plane.lead(handle, "topic", static_cast<int32_t>(handle));
  plane.events.wait([&] { return plane.events.leds.size() == partitions; });
  for (const Events::Led& led : plane.events.leds) CHECK_EQ(led.error, 0);
  plane.partitions->close();
}

void real_directories() {
  const ScratchFolder scratch("lane");
  const std::string& path = scratch.path();
  PosixFileSystem files;
  PartitionsOptions options;
  options.log_dirs = {path + "/a", path + "/b"};
  {
    Plane plane(files, options);
    FakeOwner owner;
    for (uint32_t handle = 1; handle <= 8; handle++) plane.lead(handle, "topic", static_cast<int32_t>(handle));
    for (uint32_t handle = 1; handle <= 8; handle++) produce(plane, handle, acks_all, 20, owner);
    Events events;
    OpenFailure failure;
    CHECK(Partitions::open(files, plane.clock, events, plane.counters, options, failure) == nullptr);  // several planes, not on one directory
    CHECK_EQ(failure.why.code, Errc::locked);
    CHECK_EQ(failure.path, path + "/a");
    plane.partitions->close();
  }
  {
    Plane plane(files, options);
    for (uint32_t handle = 1; handle <= 8; handle++) {
      plane.lead(handle, "topic", static_cast<int32_t>(handle), false);
      CHECK_EQ(plane.led(handle).log_end, 20);
    }
    CHECK(plane.partitions->lane(1).directory().was_clean());
    plane.partitions->close();
  }
}

}  // namespace

int main() {
  a_clean_stop_leaves_nothing_to_recover();
  a_killed_process_loses_nothing_written();
  held_syncs_hold_acks_all_and_readers_only();
  a_failed_sync_is_reported();
  drop_and_make_anew();
  what_an_earlier_run_dropped_is_removed();
  mains_commands();
  many_partitions_open_in_parallel();
  stopping_during_the_start_keeps_recovery_due();
  stopping_while_partitions_are_made_is_clean();
  real_directories();
  return check_result();
}
