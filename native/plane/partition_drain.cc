// The way of a batch into the log: enqueue, the drainer's turn, the answer.
#include <cassert>

#include "plane/partition.h"

namespace milena {

KafkaError error_of(Placement placement) {
  switch (placement) {
    case Placement::placed:
    case Placement::crowded: return KafkaError::none;
    case Placement::overloaded: return KafkaError::request_timed_out;
    case Placement::not_leader: return KafkaError::not_leader_or_follower;
    case Placement::unknown_partition: return KafkaError::unknown_topic_or_partition;
    case Placement::storage_error: return KafkaError::kafka_storage_error;
  }
  return KafkaError::unknown_server_error;
}

Placement Partition::refusal(LeaderEpoch epoch) const {
  switch (phase()) {
    case Phase::opening_new:
    case Phase::leading: break;
    case Phase::opening:
    case Phase::closing: return Placement::not_leader;
    case Phase::stopped:
      switch (stop_error()) {
        case KafkaError::kafka_storage_error: return Placement::storage_error;
        case KafkaError::unknown_topic_or_partition: return Placement::unknown_partition;
        default: return Placement::not_leader;
      }
  }
  return epoch == leader_epoch() ? Placement::placed : Placement::not_leader;
}

Enqueued Partition::enqueue(Append& append) {
  assert(append.owner != nullptr && !append.batch.empty());
  if (append.queued_epoch.value < 0) append.queued_epoch = leader_epoch();
  Placement placement = refusal(append.queued_epoch);
  const auto size = static_cast<uint32_t>(append.batch.size());
  if (placement == Placement::placed) {
    // One batch is always let in, so that no limit can be too small to work with.
    const uint64_t before = host_.queued_bytes.fetch_add(size, std::memory_order_relaxed);
    if (before != 0 && before + size > host_.queued_bytes_max) {
      host_.queued_bytes.fetch_sub(size, std::memory_order_relaxed);
      placement = Placement::overloaded;
    }
  }
  if (placement != Placement::placed) {
    append.error = error_of(placement);
    return {placement, false};
  }

  append.partition = shared_from_this();
  append.queued_bytes = size;
  append.place = Append::Place::queued;
  append.late = false;
  const bool inline_drainer = !host_.lane_mode() && append.owner->may_drain();
  const bool drainer = queue_.push(append);
  // From here on the batch may have been answered already. If the partition was stopped since the look above, this push made sure that
  // a drainer comes and says so.
  if (queue_.bytes() > append_queue_bytes_max) placement = Placement::crowded;
  if (drainer && !inline_drainer) host_.drain_on_lane(shared_from_this());
  return {placement, drainer && inline_drainer};
}

void Partition::drain() {
  DrainTurn turn;
  begin_drain(turn);
  finish_drain(turn);
}

void Partition::lane_turn() {
  DrainTurn turn;
  begin_lane_turn(turn);
  finish_drain(turn);
}

void Partition::begin_drain(DrainTurn& turn) {
  take(turn);
  begin_write(turn);
}

void Partition::begin_lane_turn(DrainTurn& turn) {
  take(turn);
  while (phase() == Phase::closing && turn.count > 0) {
    begin_write(turn);
    finish_write(turn);
    take(turn);
  }
  // Between taking and writing: a job posted before a batch was placed is run before that batch is written.
  queue_.take_call();  // before the jobs are taken: who posts one later calls again
  run_jobs();
  begin_write(turn);
}

void Partition::finish_drain(DrainTurn& turn) {
  finish_write(turn);
  hand_on();
}

void Partition::run_jobs() {
  std::vector<Job> jobs;
  {
    const std::lock_guard lock(mutex_);
    jobs.swap(jobs_);
  }
  for (const Job& job : jobs) job(*this);
}

// Gives up the role, or passes it to whom the next work belongs.
void Partition::hand_on() {
  for (;;) {
    if (queue_.take_call()) return host_.drain_on_lane(shared_from_this());
    if (const Append* oldest = queue_.front()) {
      if (host_.lane_mode() || !oldest->owner->may_drain()) return host_.drain_on_lane(shared_from_this());
      return oldest->owner->take_drain(shared_from_this());
    }
    if (queue_.give_up()) return;
  }
}

void Partition::take(DrainTurn& turn) {
  turn.count = queue_.gather(turn.batches, gather_bytes_max);
}

// Up to the write of what was taken, which is left in turn.write.
void Partition::begin_write(DrainTurn& turn) {
  if (turn.count == 0) return;
  turn.entry_count = 0;
  const bool is_stopped = phase() == Phase::stopped;
  const LeaderEpoch epoch = leader_epoch();
  for (Append* append : turn.taken()) {
    if (is_stopped) append->error = stop_error();
    else if (append->queued_epoch != epoch) append->error = KafkaError::not_leader_or_follower;
    else turn.entries[turn.entry_count++] = append;
  }
  if (turn.entry_count == 0) return;
  PartitionLog* const log = this->log();
  assert(log != nullptr);  // whoever opens it holds the role until it is open or the partition is stopped
  turn.before = log->ends();
  turn.status = log->begin_append({turn.entries.data(), turn.entry_count}, epoch, host_.clock().wall_ms(), turn.run);
  if (turn.status) turn.write = turn.run->pending();
}

// Writes what nobody has written meanwhile, publishes, answers.
void Partition::finish_write(DrainTurn& turn) {
  if (turn.count == 0) return;
  uint64_t bytes = 0;
  for (const Append* append : turn.taken()) bytes += append->queued_bytes;
  if (turn.entry_count == 0) {
    answer(turn.taken());
  } else {
    if (turn.write) {
      if (!turn.is_written) turn.write->outcome = turn.write->file->write_at(turn.write->position, turn.write->slices);
      turn.status = turn.run->finish(turn.write->outcome);
    }
    // Readers and the syncer are told after the answers are under way: main hears of its append before the high watermark passes it.
    const Written written = take_stock(turn);
    answer(turn.taken());
    if (written.needs_sync) host_.request_sync(shared_from_this());
    if (written.moved_high_watermark) announce_high_watermark();
    if (log()->failed()) fail(log()->failure(), "a write failed and could not be undone");
  }
  turn.reset();
  queue_.release(bytes);
  host_.queued_bytes.fetch_sub(bytes, std::memory_order_relaxed);
  wake_space();
}

Partition::Written Partition::take_stock(const DrainTurn& turn) {
  const LogEnds after = log()->ends();
  host_.counters().add(abi::Counter::appends, static_cast<int64_t>(turn.entry_count));
  if (!turn.status && !write_failing_) host_.write_refused(*this, turn.status);
  write_failing_ = !turn.status;
  if (after.log_end.offset == turn.before.log_end.offset) return {};

  host_.counters().add(abi::Counter::pwritev_calls, 1);
  if (!write_caching_.load(std::memory_order_acquire)) return {true, false};
  const bool has_rolled = after.log_end.segment_base != turn.before.log_end.segment_base;
  return {has_rolled || flush_is_due(after), raise_high_watermark()};
}

void Partition::answer(std::span<Append* const> batches) {
  for (Append* append : batches) {
    append->batch = {};
    append->payload.reset();
    if (append->error == KafkaError::none && append->acks == acks_all) {
      append->required = append->base_offset.plus(append->info.last_offset_delta).next();
      park(*append);
    } else {
      complete(*append);
    }
  }
}

}  // namespace milena
