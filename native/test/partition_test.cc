// One partition: what a batch is answered and when, and what readers see meanwhile.
#include "test/one_partition.h"

using namespace milena;
using namespace milena::test;

namespace {

void answers_follow_their_acks() {
  Opened t;
  const auto one = t.place(1);
  const auto all = t.place(acks_all, batch_of(3));
  const auto none = t.place(0);
  auto done = t.owner.take_completed();
  REQUIRE(done.size() == 2);
  CHECK(done[0] == one.get() && done[1] == none.get());
  CHECK_EQ(one->base_offset.value, 0);
  CHECK_EQ(none->base_offset.value, 4);
  CHECK(all->payload == nullptr);  // a parked batch keeps no bytes
  // Written, not durable: nobody may see it.
  CHECK_EQ(t.partition->view().high_watermark.value, 0);
  CHECK_EQ(t.partition->view().log_end.value, 5);
  CHECK_EQ(t.lane.syncs.size(), 1u);
  t.lane.run_syncs();
  done = t.owner.take_completed();
  REQUIRE(done.size() == 1);
  CHECK(done[0] == all.get());
  CHECK_EQ(all->error, KafkaError::none);
  CHECK_EQ(all->base_offset.value, 1);
  CHECK_EQ(t.partition->view().high_watermark.value, 5);
  CHECK(t.partition->is_quiet());
  CHECK_EQ(t.lane.queued_bytes.load(), 0u);
}

void what_is_written_during_a_sync_waits_for_the_next() {
  Opened t;
  const auto before = t.place(acks_all);
  const Status status = t.partition->sync();
  const auto during = t.place(acks_all);
  t.partition->synced(status);
  const auto done = t.owner.take_completed();
  REQUIRE(done.size() == 1);
  CHECK(done[0] == before.get());
  CHECK_EQ(t.partition->view().high_watermark.value, 1);
  t.lane.run_syncs();
  CHECK_EQ(t.owner.take_completed().size(), 1u);
}

void duplicates_wait_for_the_original() {
  Opened t;
  const auto first = t.place(acks_all, idempotent(0));
  const auto again = t.place(acks_all, idempotent(0));
  const auto next = t.place(acks_all, idempotent(1));
  CHECK_EQ(t.owner.take_completed().size(), 0u);
  t.lane.run_syncs();
  const auto done = t.owner.take_completed();
  REQUIRE(done.size() == 3);
  CHECK(again->duplicate);
  CHECK_EQ(again->base_offset.value, 0);
  CHECK_EQ(next->base_offset.value, 1);
  const auto late = t.place(acks_all, idempotent(1));  // durable already
  CHECK_EQ(t.owner.take_completed().size(), 1u);
  CHECK_EQ(late->base_offset.value, 1);
}

void refusals_do_not_stop_the_others() {
  Opened t;
  const auto gap = t.place(acks_all, idempotent(0));
  const auto bad = t.place(acks_all, idempotent(9));
  const auto good = t.place(1);
  CHECK_EQ(bad->error, KafkaError::out_of_order_sequence_number);
  CHECK_EQ(t.owner.take_completed().size(), 2u);
  CHECK_EQ(good->base_offset.value, 1);
  t.lane.run_syncs();
  CHECK_EQ(gap->error, KafkaError::none);
}

void write_caching_follows_the_log_end() {
  abi::LogConfig config = default_config();
  config.write_caching = true;
  config.flush_messages = 3;
  config.flush_ms = 1'000;
  Opened t(config);
  const auto all = t.place(acks_all, batch_of(2));
  CHECK_EQ(t.owner.take_completed().size(), 1u);
  CHECK_EQ(t.partition->view().high_watermark.value, 2);
  CHECK(t.lane.syncs.empty());
  const auto more = t.place(1);
  CHECK_EQ(t.lane.syncs.size(), 1u);  // flush.messages
  t.lane.run_syncs();
  const auto last = t.place(1);
  t.partition->flush_if_due(t.lane.time.wall_ms());
  CHECK(t.lane.syncs.empty());
  t.lane.time.advance_ms(1'000);
  t.partition->flush_if_due(t.lane.time.wall_ms());
  CHECK_EQ(t.lane.syncs.size(), 1u);
  t.lane.run_syncs();
  t.lane.time.advance_ms(5'000);
  t.partition->flush_if_due(t.lane.time.wall_ms());  // nothing new
  CHECK(t.lane.syncs.empty());

  // Back to durable: what was shown stays shown, what is not synced is synced.
  const auto unsynced = t.place(1);
  t.partition->set_config(make_partition_config(default_config(), 86'400'000));
  t.lane.run_turns();
  CHECK_EQ(t.lane.syncs.size(), 1u);
  CHECK_EQ(t.partition->view().high_watermark.value, 5);
}

void completed_segments_of_write_caching_are_flushed() {
  abi::LogConfig config = default_config();
  config.write_caching = true;
  config.segment_bytes = 2'000;
  Opened t(config);
  std::vector<std::unique_ptr<TestAppend>> kept;
  while (t.lane.syncs.empty() && kept.size() < 50) kept.push_back(t.place(1, batch_of(1, 300)));
  CHECK(kept.size() > 4 && kept.size() < 10);
  t.lane.run_syncs();
  CHECK_EQ(t.lane.segments_completed, 1);
  const LogEnds ends = t.partition->log()->ends();
  CHECK_EQ(ends.flushed_end.offset.value, ends.log_end.segment_base.value);
  CHECK(ends.flushed_end.offset < ends.log_end.offset);
  CHECK(t.partition->begin_sync().is_done);  // the active segment is nobody's business
  t.partition->synced({});
  CHECK_EQ(t.partition->log()->ends().flushed_end.offset.value, ends.flushed_end.offset.value);
}

// flush.ms counts from the last sync of everything.
void a_completed_segment_does_not_put_off_flush_ms() {
  abi::LogConfig config = default_config();
  config.write_caching = true;
  config.segment_bytes = 2'000;
  config.flush_ms = 1'000;
  Opened t(config);
  t.lane.time.advance_ms(900);
  std::vector<std::unique_ptr<TestAppend>> kept;
  while (t.lane.syncs.empty() && kept.size() < 50) kept.push_back(t.place(1, batch_of(1, 300)));
  t.lane.run_syncs();
  t.partition->flush_if_due(t.lane.time.wall_ms());
  CHECK(t.lane.syncs.empty());
  t.lane.time.advance_ms(100);
  t.partition->flush_if_due(t.lane.time.wall_ms());
  CHECK_EQ(t.lane.syncs.size(), 1u);
  t.lane.run_syncs();
  CHECK_EQ(t.partition->log()->ends().flushed_end.offset.value, t.partition->log()->ends().log_end.offset.value);
}

void older_epochs_are_fenced() {
  Opened t;
  auto queued = make_append(t.owner, acks_all);
  const Enqueued enqueued = t.partition->enqueue(*queued);
  CHECK(enqueued.drain);
  bool is_recorded = false;
  t.partition->lead(LeaderEpoch{6}, t.config, [&](Partition&) { is_recorded = true; });
  const auto stale = make_append(t.owner, acks_all);
  stale->queued_epoch = LeaderEpoch{5};
  CHECK_EQ(t.partition->enqueue(*stale).placement, Placement::not_leader);
  CHECK_EQ(stale->error, KafkaError::not_leader_or_follower);
  t.partition->drain();
  CHECK_EQ(queued->error, KafkaError::not_leader_or_follower);
  CHECK(!is_recorded);
  t.lane.run_turns();
  CHECK(is_recorded);
  CHECK_EQ(t.owner.take_completed().size(), 1u);
  const auto current = t.place(1);
  CHECK_EQ(current->base_offset.value, 0);
  CHECK_EQ(t.partition->log()->latest_epoch().value, 6);
}

void dropping_answers_everybody() {
  Opened t;
  const auto parked = t.place(acks_all);
  auto queued = make_append(t.owner, 1);
  CHECK(t.partition->enqueue(*queued).drain);
  FetchWaiter waiter;
  waiter.owner = &t.owner;
  FetchWait wait;
  wait.waiter = &waiter;
  CHECK(t.partition->await_fetch(wait));
  t.partition->stop(KafkaError::unknown_topic_or_partition);
  CHECK_EQ(parked->error, KafkaError::unknown_topic_or_partition);
  CHECK_EQ(t.owner.take_woken().size(), 1u);
  t.partition->drain();
  CHECK_EQ(queued->error, KafkaError::unknown_topic_or_partition);
  CHECK_EQ(t.owner.take_completed().size(), 2u);
  const auto late = make_append(t.owner, 1);
  CHECK_EQ(t.partition->enqueue(*late).placement, Placement::unknown_partition);
  CHECK_EQ(t.partition->view().error, KafkaError::unknown_topic_or_partition);
  t.partition->stop(KafkaError::kafka_storage_error);  // the first reason counts
  CHECK_EQ(t.partition->view().error, KafkaError::unknown_topic_or_partition);
  CHECK(!t.partition->await_fetch(wait));
}

void a_failed_sync_closes_for_good() {
  Opened t;
  const auto parked = t.place(acks_all);
  t.files.faults().fail_call(FileCall::sync, 1, EIO);
  t.lane.run_syncs();
  CHECK_EQ(parked->error, KafkaError::kafka_storage_error);
  CHECK_EQ(t.owner.take_completed().size(), 1u);
  REQUIRE(t.lane.failures.size() == 1);
  CHECK_EQ(t.lane.failures[0], EIO);
  const uint64_t syncs = t.files.faults().count(FileCall::sync);
  const auto late = make_append(t.owner, acks_all);
  CHECK_EQ(t.partition->enqueue(*late).placement, Placement::storage_error);
  t.lane.run_turns();
  t.partition->synced(t.partition->sync());
  CHECK_EQ(t.files.faults().count(FileCall::sync), syncs);  // never retried
  CHECK_EQ(t.lane.failures.size(), 1u);
  CHECK_EQ(t.partition->view().error, KafkaError::kafka_storage_error);
}

void a_failed_write_refuses_its_batches_only() {
  Opened t;
  t.files.faults().fail_call(FileCall::write, 1, ENOSPC);
  const auto lost = t.place(acks_all);
  CHECK_EQ(lost->error, KafkaError::kafka_storage_error);
  CHECK_EQ(t.lane.writes_refused, 1);
  CHECK(t.lane.failures.empty());
  const auto kept = t.place(acks_all);
  t.lane.run_syncs();
  CHECK_EQ(kept->error, KafkaError::none);
  CHECK_EQ(kept->base_offset.value, 0);
}

void deadlines_of_producers() {
  Opened t;
  const auto parked = t.place(acks_all);
  CHECK(t.partition->abandon(*parked));
  t.lane.run_syncs();
  CHECK_EQ(t.owner.take_completed().size(), 0u);

  auto queued = make_append(t.owner, acks_all);
  CHECK(t.partition->enqueue(*queued).drain);
  CHECK(!t.partition->abandon(*queued));
  t.partition->drain();
  CHECK_EQ(queued->error, KafkaError::request_timed_out);
  CHECK_EQ(t.owner.take_completed().size(), 1u);
  CHECK(!t.partition->abandon(*queued));
  CHECK_EQ(t.partition->view().log_end.value, 2);  // it was written all the same
}

void one_gather_a_turn() {
  Opened t;
  FakeOwner other;
  std::vector<std::unique_ptr<TestAppend>> kept;
  for (int i = 0; i < 3; i++) kept.push_back(make_append(t.owner, 1, batch_of(1, 400'000)));
  kept.push_back(make_append(other, 1, batch_of(1, 10)));
  for (size_t i = 0; i < kept.size(); i++) CHECK_EQ(t.partition->enqueue(*kept[i]).drain, i == 0);
  t.partition->drain();
  CHECK_EQ(t.owner.take_completed().size(), 2u);  // 1 MB at most
  auto passed = t.owner.take_drains();            // the oldest that remains is its own
  REQUIRE(passed.size() == 1);
  kept.push_back(make_append(other, 1));
  CHECK(!t.partition->enqueue(*kept.back()).drain);
  passed[0]->drain();
  CHECK_EQ(t.owner.take_completed().size(), 1u);
  CHECK_EQ(other.take_completed().size(), 2u);
  CHECK(t.partition->is_quiet());

  // The role goes to the owner of the oldest batch that remains, and to the lane where that owner may not drain.
  FakeOwner mains(false);
  kept.push_back(make_append(t.owner, 1, batch_of(1, 700'000)));
  kept.push_back(make_append(other, 1, batch_of(1, 700'000)));
  kept.push_back(make_append(mains, 1, batch_of(1, 700'000)));
  for (size_t i = kept.size() - 3; i < kept.size(); i++) t.partition->enqueue(*kept[i]);
  t.partition->drain();
  passed = other.take_drains();
  REQUIRE(passed.size() == 1);
  passed[0]->drain();
  CHECK(mains.take_drains().empty());
  REQUIRE(t.lane.turns.size() == 1);
  t.lane.run_turns();
  CHECK_EQ(mains.take_completed().size(), 1u);
  CHECK(t.partition->is_quiet());
}

void in_lane_mode_the_lane_drains() {
  Opened t;
  t.lane.is_lane_mode = true;
  const auto append = make_append(t.owner, 1);
  const Enqueued enqueued = t.partition->enqueue(*append);
  CHECK(!enqueued.drain);
  CHECK_EQ(t.owner.take_completed().size(), 0u);
  t.lane.run_turns();
  CHECK_EQ(t.owner.take_completed().size(), 1u);
}

}  // namespace

int main() {
  answers_follow_their_acks();
  what_is_written_during_a_sync_waits_for_the_next();
  duplicates_wait_for_the_original();
  refusals_do_not_stop_the_others();
  write_caching_follows_the_log_end();
  completed_segments_of_write_caching_are_flushed();
  a_completed_segment_does_not_put_off_flush_ms();
  older_epochs_are_fenced();
  dropping_answers_everybody();
  a_failed_sync_closes_for_good();
  a_failed_write_refuses_its_batches_only();
  deadlines_of_producers();
  one_gather_a_turn();
  in_lane_mode_the_lane_drains();
  return check_result();
}
