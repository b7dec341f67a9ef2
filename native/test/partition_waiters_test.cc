// One partition: fetches that wait for bytes, connections that wait for room, and its way from opening to closing.
#include "test/one_partition.h"

using namespace milena;
using namespace milena::test;

namespace {

void fetches_wake_when_there_is_more() {
  Opened t;
  FetchWaiter waiter;
  waiter.owner = &t.owner;
  FetchWait wait;
  wait.waiter = &waiter;
  wait.seen = Offset{0};
  CHECK(t.partition->await_fetch(wait));
  const auto first = t.place(1);
  CHECK(t.owner.take_woken().empty());  // not durable
  t.lane.run_syncs();
  CHECK_EQ(t.owner.take_woken().size(), 1u);
  CHECK(waiter.woken());
  t.partition->forget_fetch(wait);
  waiter.rearm();
  CHECK(!t.partition->await_fetch(wait));  // there is something already
  wait.seen = Offset{1};
  CHECK(t.partition->await_fetch(wait));
  t.partition->forget_fetch(wait);
  const auto second = t.place(1);
  t.lane.run_syncs();
  CHECK(t.owner.take_woken().empty());

  // Once per arming, though several partitions or moves call.
  wait.seen = Offset{2};
  FetchWait twin = wait;
  CHECK(t.partition->await_fetch(wait));
  CHECK(t.partition->await_fetch(twin));
  const auto third = t.place(1);
  t.lane.run_syncs();
  CHECK_EQ(t.owner.take_woken().size(), 1u);
}

void read_committed_waits_for_the_last_stable_offset() {
  Opened t;
  BatchSpec open_transaction = idempotent(0);
  open_transaction.attributes = batch_layout::transactional_bit;
  const auto plain = t.place(1);
  const auto transactional = t.place(1, open_transaction);
  FetchWaiter waiter;
  waiter.owner = &t.owner;
  FetchWait wait;
  wait.waiter = &waiter;
  wait.seen = Offset{1};
  wait.read_committed = true;
  CHECK(t.partition->await_fetch(wait));
  t.lane.run_syncs();
  CHECK_EQ(t.partition->view().high_watermark.value, 2);
  CHECK_EQ(t.partition->view().last_stable.value, 1);
  CHECK(t.owner.take_woken().empty());
  t.partition->forget_fetch(wait);
}

void a_crowded_queue_stops_connections_in_order() {
  Setup t;  // not opened: nothing is drained
  std::vector<std::unique_ptr<TestAppend>> kept;
  Placement placement = Placement::placed;
  while (placement == Placement::placed) {
    kept.push_back(make_append(t.owner, 1, batch_of(1, 1'000'000)));
    placement = t.partition->enqueue(*kept.back()).placement;
    REQUIRE(kept.size() < 100);
  }
  CHECK_EQ(placement, Placement::crowded);
  CHECK_EQ(kept.size(), 9u);
  SpaceWaiter waiters[4];
  for (SpaceWaiter& waiter : waiters) {
    waiter.owner = &t.owner;
    waiter.bytes = 3'000'000;
    CHECK(t.partition->await_room(waiter));
  }
  CHECK(t.partition->forget_room(waiters[1]));
  CHECK(!t.partition->forget_room(waiters[1]));
  t.open();
  while (t.owner.take_completed().size() < kept.size() && !t.partition->is_quiet()) {
    for (const auto& partition : t.owner.take_drains()) partition->drain();
  }
  const auto rooms = t.owner.take_rooms();
  REQUIRE(rooms.size() == 3);
  CHECK(rooms[0] == &waiters[0] && rooms[1] == &waiters[2] && rooms[2] == &waiters[3]);
  CHECK(!t.partition->await_room(waiters[0]));  // there is room
}

void an_empty_queue_wakes_everybody() {
  Setup t;
  const auto large = make_append(t.owner, 1, batch_of(1, 9'000'000));
  CHECK_EQ(t.partition->enqueue(*large).placement, Placement::crowded);
  SpaceWaiter waiters[3];
  for (SpaceWaiter& waiter : waiters) {
    waiter.owner = &t.owner;
    waiter.bytes = 3'000'000;
    CHECK(t.partition->await_room(waiter));
  }
  t.open();
  for (const auto& partition : t.owner.take_drains()) partition->drain();
  CHECK_EQ(t.owner.take_rooms().size(), 3u);  // whoever were left would wait for a drainer that has no reason to come
}

void a_directory_takes_only_so_much() {
  Setup t;
  t.lane.queued_bytes_max = 1'000;
  const auto large = make_append(t.owner, 1, batch_of(1, 5'000));
  CHECK_EQ(t.partition->enqueue(*large).placement, Placement::placed);  // one is always let in
  const auto small = make_append(t.owner, 1);
  CHECK_EQ(t.partition->enqueue(*small).placement, Placement::overloaded);
  CHECK_EQ(small->error, KafkaError::request_timed_out);
  t.open();
  for (const auto& partition : t.owner.take_drains()) partition->drain();
  CHECK_EQ(t.lane.queued_bytes.load(), 0u);
  CHECK_EQ(t.owner.place(*t.partition, *small), Placement::placed);
}

void a_new_partition_serves_before_its_files_exist() {
  Setup t;
  CHECK_EQ(t.partition->view().error, KafkaError::none);
  CHECK_EQ(t.partition->view().high_watermark.value, 0);
  const auto early = make_append(t.owner, acks_all);
  const Enqueued enqueued = t.partition->enqueue(*early);
  CHECK_EQ(enqueued.placement, Placement::placed);
  CHECK(!enqueued.drain);
  t.open();
  CHECK_EQ(t.owner.take_drains().size(), 0u);
  t.lane.run_syncs();
  CHECK_EQ(t.owner.take_completed().size(), 1u);
  CHECK_EQ(early->error, KafkaError::none);
}

void an_existing_partition_serves_once_it_is_open() {
  Setup t(default_config(), false);
  CHECK_EQ(t.partition->view().error, KafkaError::not_leader_or_follower);
  const auto early = make_append(t.owner, acks_all);
  CHECK_EQ(t.partition->enqueue(*early).placement, Placement::not_leader);
  t.open();
  CHECK_EQ(t.partition->view().error, KafkaError::none);
  CHECK_EQ(t.owner.place(*t.partition, *early), Placement::placed);
}

void opening_may_fail() {
  Setup t;
  const auto early = make_append(t.owner, acks_all);
  t.partition->enqueue(*early);
  t.partition->open_failed(Status::io(EACCES), "no");
  t.lane.run_turns();
  CHECK_EQ(early->error, KafkaError::kafka_storage_error);
  CHECK_EQ(t.owner.take_completed().size(), 1u);
  CHECK_EQ(t.lane.failures.size(), 1u);
}

void delete_records() {
  Opened t;
  const auto some = t.place(1, batch_of(10));
  Offset to{5};
  CHECK_EQ(t.partition->advance_start(to), KafkaError::offset_out_of_range);  // above the high watermark
  t.lane.run_syncs();
  CHECK_EQ(t.partition->advance_start(to), KafkaError::none);
  CHECK_EQ(t.partition->view().log_start.value, 5);  // at once, before any file changes
  to = Offset{3};
  CHECK_EQ(t.partition->advance_start(to), KafkaError::none);
  CHECK_EQ(to.value, 5);  // never back
  to = Offset{-2};
  CHECK_EQ(t.partition->advance_start(to), KafkaError::offset_out_of_range);
  to = Offset{-1};
  CHECK_EQ(t.partition->advance_start(to), KafkaError::none);
  CHECK_EQ(to.value, 10);
  abi::LogConfig compacted = default_config();
  compacted.compact = true;
  compacted.delete_ = false;
  t.partition->set_config(make_partition_config(compacted, 1));
  CHECK_EQ(t.partition->advance_start(to), KafkaError::policy_violation);
  t.lane.run_turns();
}

void jobs_run_with_the_role() {
  Opened t;
  const auto queued = make_append(t.owner, 1);
  CHECK(t.partition->enqueue(*queued).drain);  // the owner holds the role
  int runs = 0;
  t.partition->post_job([&](Partition&) { runs++; });
  CHECK(t.lane.turns.empty());
  t.partition->drain();
  CHECK_EQ(runs, 0);  // never on an owner's thread
  t.lane.run_turns();
  CHECK_EQ(runs, 1);
  CHECK(t.partition->is_quiet());
}

void closing_lets_through_what_was_placed() {
  Opened t;
  std::vector<std::unique_ptr<TestAppend>> kept;
  for (int i = 0; i < 4; i++) {
    kept.push_back(make_append(t.owner, acks_all, batch_of(1, 700'000)));
    t.partition->enqueue(*kept.back());
  }
  t.partition->refuse_appends();
  bool is_through = false;
  t.partition->post_job([&](Partition& self) {
    is_through = true;
    CHECK_EQ(self.log()->ends().log_end.offset.value, 4);
  });
  const auto late = make_append(t.owner, 1);
  CHECK_EQ(t.partition->enqueue(*late).placement, Placement::not_leader);
  t.partition->drain();
  t.lane.run_turns();
  CHECK(is_through);
  t.lane.run_syncs();
  CHECK_EQ(t.owner.take_completed().size(), 4u);
  for (const auto& append : kept) CHECK_EQ(append->error, KafkaError::none);
  CHECK(t.partition->is_quiet());
}

void retiring_waits_for_the_syncer() {
  Opened t;
  const auto some = t.place(1);
  const Status status = t.partition->sync();  // in flight until synced()
  int retries = 0;
  CHECK(!t.partition->retire([&](Partition& self) {
    retries++;
    CHECK(self.retire([](Partition&) {}));
  }));
  t.partition->synced(status);
  t.lane.run_turns();
  CHECK_EQ(retries, 1);
  CHECK_EQ(t.partition->sync().code, Errc::closed);
}

void watching_reports_every_move() {
  Opened t;
  const auto first = t.place(1);
  t.lane.run_syncs();
  CHECK(t.lane.moves.empty());
  t.partition->watch();
  const auto second = t.place(1);
  t.lane.run_syncs();
  REQUIRE(t.lane.moves.size() == 2);
  CHECK_EQ(t.lane.moves[0], 1);
  CHECK_EQ(t.lane.moves[1], 2);
}

void an_idle_partition_is_small() { CHECK(sizeof(Partition) < 1024); }

}  // namespace

int main() {
  fetches_wake_when_there_is_more();
  read_committed_waits_for_the_last_stable_offset();
  a_crowded_queue_stops_connections_in_order();
  an_empty_queue_wakes_everybody();
  a_directory_takes_only_so_much();
  a_new_partition_serves_before_its_files_exist();
  an_existing_partition_serves_once_it_is_open();
  opening_may_fail();
  delete_records();
  jobs_run_with_the_role();
  closing_lets_through_what_was_placed();
  retiring_waits_for_the_syncer();
  watching_reports_every_move();
  an_idle_partition_is_small();
  return check_result();
}
