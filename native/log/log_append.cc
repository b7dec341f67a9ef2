// Appending: from validated batches to bytes in the active segment, and what follows from them.
#include <algorithm>
#include <limits>

#include "log/append_run.h"
#include "log/log_state.h"
#include "log/mutation.h"
#include "log/partition_log.h"

namespace milena {

namespace {

void fail_entries(std::span<AppendEntry* const> entries) {
  for (AppendEntry* entry : entries) {
    entry->error = KafkaError::kafka_storage_error;
    entry->base_offset = Offset{-1};
    entry->log_append_time_ms = -1;
    entry->duplicate = false;
  }
}

}  // namespace

AppendRun::AppendRun(LogState& state, std::shared_ptr<const LogConfig> config, std::span<AppendEntry* const> entries, LeaderEpoch epoch)
    : state_(state), config_(std::move(config)), entries_(entries), epoch_(epoch) {
  slices_.reserve(entries.size());
  begin();
}

void AppendRun::begin() {
  begin_position_ = state_.ends.log_end.position;  // the writer's own numbers: nobody else changes them
  size_ = begin_position_;
  first_ = next_ = state_.ends.log_end.offset;
  marks_ = state_.marks;
  first_batch_timestamp_ = state_.first_batch_timestamp;
  slices_.clear();
  offset_entries_.clear();
  time_entries_.clear();
}

void AppendRun::place(AppendEntry& entry) {
  BatchInfo& info = entry.info;
  info.base_offset = next_.value;
  info.leader_epoch = epoch_.value;
  if (!mutated(Mutation::no_duplicate_check)) {
    const ProducerVerdict verdict = state_.producers.stage(info, entry.batch, entry.origin, next_, false);
    if (verdict.error != KafkaError::none) {
      entry.error = verdict.error;
      return;
    }
    if (verdict.duplicate) {
      entry.duplicate = true;
      entry.base_offset = verdict.duplicate->first_offset();
      entry.log_append_time_ms = verdict.duplicate->timestamp_ms;
      return;
    }
  }
  stamp_batch(entry.batch, next_, epoch_);
  entry.base_offset = next_;
  if (info.timestamp_type() == TimestampType::log_append_time) entry.log_append_time_ms = info.max_timestamp;
  stage_index(info, size_);
  slices_.push_back({entry.batch.data(), entry.batch.size()});
  size_ += entry.batch.size();
  next_ = Offset{info.next_offset()};
}

// Kafka's rule: an entry for the batch that begins once more than the interval has been written since the last one.
void AppendRun::stage_index(const BatchInfo& info, uint64_t position) {
  if (!first_batch_timestamp_) first_batch_timestamp_ = info.max_timestamp;
  if (info.max_timestamp > marks_.max_timestamp.timestamp_ms) marks_.max_timestamp = {info.max_timestamp, Offset{info.last_offset()}};
  if (marks_.bytes_since_entry > config_->index_interval_bytes) {
    const Offset base = state_.active().base;
    offset_entries_.push_back({static_cast<uint32_t>(info.last_offset() - base.value), static_cast<uint32_t>(position)});
    marks_.counts.offsets++;
    if (marks_.max_timestamp.timestamp_ms > marks_.last_time_entry_ms) {
      time_entries_.push_back({marks_.max_timestamp.timestamp_ms, static_cast<uint32_t>(marks_.max_timestamp.offset.value - base.value)});
      marks_.last_time_entry_ms = marks_.max_timestamp.timestamp_ms;
      marks_.counts.times++;
    }
    marks_.bytes_since_entry = 0;
  }
  marks_.bytes_since_entry += info.size_bytes;
}

Status AppendRun::open_file() {
  if (slices_.empty()) return {};
  Result<std::shared_ptr<SegmentFile>> file = state_.active_file ? Result(state_.active_file) : state_.open_file(state_.active_ptr());
  if (!file) {
    state_.producers.rollback();
    begin();
    return file.why();
  }
  file_ = std::move(*file);
  if (state_.active_file) return {};
  const std::lock_guard lock(state_.mutex);
  state_.active_file = file_;
  return {};
}

Status AppendRun::settle(const WriteOutcome& outcome) {
  if (outcome) {
    commit();
    begin();
    return state_.failed.load(std::memory_order_relaxed) ? Status{Errc::closed} : Status{};
  }
  state_.producers.rollback();
  begin();
  // Whatever reached the file goes, so that the next write and a recovery find the log as it was.
  if (const Status cut = file_->file().truncate(begin_position_); !cut) return state_.fail(cut);
  return outcome.status;
}

Status AppendRun::write() {
  if (const Status status = open_file(); !status || slices_.empty()) return status;
  return settle(file_->file().write_at(begin_position_, slices_));
}

void AppendRun::commit() {
  const std::vector<CompletedTransaction> completed = state_.producers.commit();
  for (const CompletedTransaction& transaction : completed) {
    if (!transaction.aborted) continue;
    // The batches are in the log, but readers could not be told what to leave out.
    if (const Status status = append_aborted(state_, state_.active_ptr(), transaction); !status) static_cast<void>(state_.fail(status));
  }
  if (epoch_.value >= 0) state_.epochs.assign(epoch_, first_);
  for (const OffsetIndexEntry& entry : offset_entries_) state_.tail->offsets.push(entry);
  for (const TimeIndexEntry& entry : time_entries_) state_.tail->times.push(entry);
  state_.marks = marks_;
  state_.first_batch_timestamp = first_batch_timestamp_;
  state_.touched = true;
  const std::lock_guard lock(state_.mutex);
  state_.ends.log_end.offset = next_;
  state_.ends.log_end.position = static_cast<uint32_t>(size_);
  state_.active().size = static_cast<uint32_t>(size_);
  state_.active().max_timestamp = marks_.max_timestamp;
  state_.hints.note(state_.ends.log_end);
}

namespace {

// Kafka's conditions for a new segment (segment.bytes, segment.ms, index full, offset too far from the base).
bool should_roll(const LogState& state, const LogConfig& config, const AppendRun& run, const BatchInfo& info, int64_t now_ms) {
  const int64_t last_offset = run.next_offset().value + info.last_offset_delta;
  if (last_offset - state.active().base.value > std::numeric_limits<int32_t>::max()) return true;
  if (run.size() == 0) return false;  // an empty one would only be replaced by its like
  if (run.size() + info.size_bytes > config.segment_bytes) return true;
  const int64_t first = run.first_batch_timestamp().value_or(no_timestamp);
  const int64_t waited_ms = first >= 0 ? info.max_timestamp - first : now_ms - state.created_ms;
  const int64_t segment_ms = config.compact ? std::min(config.segment_ms, config.max_compaction_lag_ms) : config.segment_ms;
  if (waited_ms > segment_ms - state.jitter_ms) return true;
  const uint32_t offsets_max = config.segment_index_bytes / OffsetIndexEntry::bytes;
  const uint32_t times_max = config.segment_index_bytes / TimeIndexEntry::bytes;
  // The last time entry's place is kept for the roll itself.
  return run.marks().counts.offsets >= offsets_max || run.marks().counts.times + 1 >= times_max;
}

}  // namespace

// Everything but the last write.
Status AppendRun::place_all(int64_t now_ms) {
  for (size_t i = 0; i < entries_.size(); i++) {
    AppendEntry& entry = *entries_[i];
    entry.error = KafkaError::none;
    entry.duplicate = false;
    entry.log_append_time_ms = -1;
    if (entry.info.size_bytes > config_->segment_bytes) {
      entry.error = KafkaError::record_list_too_large;
      continue;
    }
    // As in Kafka the roll comes before the sequence is looked at: segments begin at the same offsets.
    if (should_roll(state_, *config_, *this, entry.info, now_ms)) {
      Status status = write();
      if (status) {
        stands_or_falls_from_ = i;
        status = state_.roll(now_ms);
      }
      if (!status) return answered(status);
      begin();
    }
    place(entry);
  }
  return answered(open_file());
}

Status AppendRun::answered(Status status) {
  if (!status) fail_entries(entries_.subspan(stands_or_falls_from_));
  return status;
}

std::optional<PendingWrite> AppendRun::pending() const {
  if (slices_.empty()) return std::nullopt;
  return PendingWrite{&file_->file(), begin_position_, slices_, {}};
}

Status AppendRun::finish(const WriteOutcome& outcome) { return answered(settle(outcome)); }

Status PartitionLog::append(std::span<AppendEntry* const> entries, LeaderEpoch epoch, int64_t now_ms) {
  std::optional<AppendRun> run;
  if (const Status status = begin_append(entries, epoch, now_ms, run); !status) return status;
  const std::optional<PendingWrite> write = run->pending();
  return write ? run->finish(write->file->write_at(write->position, write->slices)) : Status{};
}

Status PartitionLog::begin_append(std::span<AppendEntry* const> entries, LeaderEpoch epoch, int64_t now_ms, std::optional<AppendRun>& run) {
  LogState& state = *state_;
  if (state.failed.load(std::memory_order_acquire) || state.closed.load(std::memory_order_acquire)) {
    fail_entries(entries);
    return {Errc::closed};
  }
  run.emplace(state, state.current_config(), entries, epoch);
  return run->place_all(now_ms);
}

Status PartitionLog::begin_epoch(LeaderEpoch epoch) {
  if (state_->failed.load(std::memory_order_acquire)) return {Errc::closed};
  if (epoch.value < 0 || !state_->epochs.assign(epoch, state_->ends.log_end.offset)) return {};
  return state_->holds_nothing() ? state_->note_epoch_of_nothing() : Status{};
}

void PartitionLog::expire_producers(int64_t now_ms) { state_->producers.expire(now_ms, state_->current_config()->producer_id_expiration_ms); }

}  // namespace milena
