// What a partition publishes, and who may change it.
#include "plane/partition.h"

#include <algorithm>
#include <cassert>

#include "plane/high_watermark.h"

namespace milena {

Partition::Partition(PartitionIdentity identity, PartitionHost& host, LeaderEpoch leader_epoch, bool is_new, std::shared_ptr<const PartitionConfig> config)
    : identity_(std::move(identity)),
      host_(host),
      phase_(is_new ? Phase::opening_new : Phase::opening),
      leader_epoch_(leader_epoch.value),
      write_caching_(config->write_caching),
      flush_messages_(config->flush_messages),
      config_(std::move(config)) {}

Partition::~Partition() = default;

std::shared_ptr<const PartitionConfig> Partition::config() const {
  const std::lock_guard lock(mutex_);
  return config_;
}

PartitionView Partition::view() const {
  PartitionView view;
  view.leader_epoch = leader_epoch();
  switch (phase()) {
    case Phase::opening_new:
    case Phase::leading: break;
    case Phase::opening:
    case Phase::closing: view.error = KafkaError::not_leader_or_follower; return view;
    case Phase::stopped: view.error = stop_error(); return view;
  }
  view.log = log();
  if (view.log == nullptr) return view;
  view.high_watermark = high_watermark();
  view.last_stable = view.log->last_stable_offset(view.high_watermark);
  const LogEnds ends = view.log->ends();
  view.log_start = std::max(ends.log_start, Offset{start_floor_.load(std::memory_order_acquire)});
  view.log_end = ends.log_end.offset;
  return view;
}

// ---- commands ----

void Partition::lead(LeaderEpoch epoch, std::shared_ptr<const PartitionConfig> config, Job then) {
  leader_epoch_.store(epoch.value, std::memory_order_release);
  set_config(std::move(config));
  wake_fetches(true);
  post_job([epoch, then = std::move(then)](Partition& partition) {
    if (PartitionLog* const log = partition.log(); log != nullptr && partition.phase() != Phase::stopped) {
      if (const Status status = log->begin_epoch(epoch); !status) partition.fail(status, "the leader epoch could not be recorded");
    }
    then(partition);
  });
}

void Partition::set_config(std::shared_ptr<const PartitionConfig> config) {
  write_caching_.store(config->write_caching, std::memory_order_release);
  flush_messages_.store(config->flush_messages, std::memory_order_relaxed);
  {
    const std::lock_guard lock(mutex_);
    config_ = config;
  }
  post_job([log_config = config->log](Partition& partition) {
    PartitionLog* const log = partition.log();
    if (log == nullptr || partition.phase() == Phase::stopped) return;
    log->set_config(log_config);
    partition.advance_high_watermark();
    if (!partition.write_caching_.load(std::memory_order_acquire) && log->needs_sync()) partition.host_.request_sync(partition.shared_from_this());
  });
}

KafkaError Partition::advance_start(Offset& to) {
  const PartitionView now = view();
  if (now.error != KafkaError::none) return now.error;
  const std::shared_ptr<const PartitionConfig> config = this->config();
  if (config->log->compact && !config->log->delete_old) return KafkaError::policy_violation;
  if (to.value == -1) to = now.high_watermark;
  if (to.value < 0 || to > now.high_watermark) return KafkaError::offset_out_of_range;
  to = std::max(to, now.log_start);
  int64_t floor = start_floor_.load(std::memory_order_relaxed);
  while (floor < to.value && !start_floor_.compare_exchange_weak(floor, to.value, std::memory_order_acq_rel)) {
  }
  return KafkaError::none;
}

void Partition::stop(KafkaError error) {
  assert(error != KafkaError::none);
  int16_t nothing = 0;
  if (!stop_error_.compare_exchange_strong(nothing, code_of(error), std::memory_order_acq_rel)) return;
  phase_.store(Phase::stopped, std::memory_order_seq_cst);
  release_satisfied();
  wake_fetches(true);
  wake_space();
  // Batches in the queue are answered by its drainer.
  if (queue_.call()) host_.drain_on_lane(shared_from_this());
}

void Partition::refuse_appends() {
  for (const Phase from : {Phase::opening, Phase::opening_new, Phase::leading}) {
    Phase expected = from;
    if (phase_.compare_exchange_strong(expected, Phase::closing, std::memory_order_seq_cst)) break;
  }
  wake_fetches(true);
}

void Partition::fail(Status why, const std::string& message) {
  if (phase() == Phase::stopped) return;
  stop(KafkaError::kafka_storage_error);
  host_.log_failed(*this, why, message);
}

void Partition::post_job(Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  if (queue_.call()) host_.drain_on_lane(shared_from_this());
}

// ---- opening ----

void Partition::opened(std::unique_ptr<PartitionLog> log) {
  assert(log_owner_ == nullptr);
  log_owner_ = std::move(log);
  log_.store(log_owner_.get(), std::memory_order_release);
  flushed_at_ms_.store(host_.clock().wall_ms(), std::memory_order_relaxed);
  advance_high_watermark();
  for (const Phase from : {Phase::opening, Phase::opening_new}) {
    Phase expected = from;
    if (phase_.compare_exchange_strong(expected, Phase::leading, std::memory_order_seq_cst)) break;
  }
  host_.drain_on_lane(shared_from_this());
}

void Partition::open_failed(Status why, const std::string& message) {
  if (why.code == Errc::cancelled) stop(KafkaError::not_leader_or_follower);
  else fail(why, message);
  host_.drain_on_lane(shared_from_this());
}

// ---- group commit ----

// flush.messages
bool Partition::flush_is_due(const LogEnds& ends) const {
  return ends.log_end.offset.value - ends.flushed_end.offset.value >= flush_messages_.load(std::memory_order_relaxed);
}

// With write.caching Kafka's habit: completed segments are flushed, the active one when flush.messages or flush.ms say so.
SyncScope Partition::due_scope() const {
  if (!write_caching_.load(std::memory_order_acquire) || flush_is_due(log()->ends())) return SyncScope::everything;
  const int64_t age_ms = host_.clock().wall_ms() - flushed_at_ms_.load(std::memory_order_relaxed);
  return age_ms >= config()->flush_ms ? SyncScope::everything : SyncScope::completed_segments;
}

SyncStart Partition::begin_sync() {
  {
    const std::lock_guard lock(mutex_);
    if (retired_) return {};
    syncing_ = true;
  }
  const SyncScope scope = due_scope();
  sync_is_whole_ = scope == SyncScope::everything;
  if (!log()->needs_sync(scope)) return {nullptr, true};
  File* const file = sync_is_whole_ ? log()->begin_sync() : nullptr;
  sync_begun_ = file != nullptr;
  return {file, false};
}

Status Partition::sync() {
  {
    const std::lock_guard lock(mutex_);
    if (retired_) return {Errc::closed, 0};
    syncing_ = true;
  }
  PartitionLog* const log = this->log();
  const Offset segment_before = log->ends().flushed_end.segment_base;
  const SyncScope scope = due_scope();
  sync_is_whole_ = scope == SyncScope::everything;
  const Status status = log->sync(scope);
  host_.counters().add(abi::Counter::files_synced, 1);
  if (status && log->ends().flushed_end.segment_base != segment_before) host_.segment_completed();
  return status;
}

void Partition::synced(Status status) {
  if (sync_begun_) {
    sync_begun_ = false;
    status = log()->end_sync(status);
    host_.counters().add(abi::Counter::files_synced, 1);
  }
  if (status) {
    if (sync_is_whole_) flushed_at_ms_.store(host_.clock().wall_ms(), std::memory_order_relaxed);
    advance_high_watermark();
  } else if (status.code != Errc::closed) {
    fail(status, "a sync failed");
  }
  Job after;
  {
    const std::lock_guard lock(mutex_);
    syncing_ = false;
    after.swap(after_sync_);
  }
  if (after) post_job(std::move(after));
}

bool Partition::retire(Job retry) {
  const std::lock_guard lock(mutex_);
  if (syncing_) {
    after_sync_ = std::move(retry);
    return false;
  }
  retired_ = true;
  return true;
}

void Partition::flush_if_due(int64_t now_ms) {
  if (!write_caching_.load(std::memory_order_acquire) || phase() != Phase::leading) return;
  const int64_t age_ms = now_ms - flushed_at_ms_.load(std::memory_order_relaxed);
  if (age_ms >= config()->flush_ms && log()->needs_sync()) host_.request_sync(shared_from_this());
}

bool Partition::is_quiet() const {
  return !queue_.drained() && queue_.bytes() == 0 && acks_waiting_.load(std::memory_order_seq_cst) == 0;
}

// ---- high watermark ----

bool Partition::raise_high_watermark() {
  const LogEnds ends = log()->ends();
  const ReplicaPosition leader{true, ends.log_end.offset, ends.flushed_end.offset};
  const Offset reached = high_watermark_of({&leader, 1}, write_caching_.load(std::memory_order_acquire));
  int64_t known = high_watermark_.load(std::memory_order_seq_cst);
  do {
    if (known >= reached.value) return false;
  } while (!high_watermark_.compare_exchange_weak(known, reached.value, std::memory_order_seq_cst));
  return true;
}

void Partition::announce_high_watermark() {
  release_satisfied();
  wake_fetches(false);
  report_high_watermark();
}

// Two threads may move the high watermark; what is reported never goes back.
void Partition::report_high_watermark() {
  if (!watched_.load(std::memory_order_seq_cst)) return;
  const std::lock_guard lock(mutex_);
  const Offset reached = high_watermark();
  if (reached <= reported_) return;
  reported_ = reached;
  host_.high_watermark_moved(*this, reached);
}

void Partition::watch() {
  watched_.store(true, std::memory_order_seq_cst);
  if (high_watermark() > Offset{0}) report_high_watermark();
}

}  // namespace milena
