// Making what was appended durable.
#include <utility>

#include "log/file_names.h"
#include "log/log_state.h"
#include "log/mutation.h"
#include "log/partition_log.h"
#include "log/producer_snapshot.h"
#include "os/whole_file.h"

namespace milena {
namespace {

Status sync_file(File& file) {
  if (mutated(Mutation::answer_before_sync)) return {};
  return file.sync();
}

// A rolled segment's log, indexes, abort index and snapshot. Afterwards the recovery point may pass it.
Status sync_rolled(LogState& state, RolledSegment& rolled) {
  const Offset base = rolled.segment->base;
  if (const Status status = sync_file(rolled.file->file()); !status) return status;
  IndexTail& tail = *rolled.segment->tail;
  if (const Status status = write_index_files(state.files, state.file_path(base, file_names::offset_index), state.file_path(base, file_names::time_index), tail,
                                              tail.written, tail.total(), true, true);
      !status) {
    return status;
  }
  tail.written = tail.total();
  return rolled.snapshot_offset.value < 0 ? Status{} : state.write_snapshot(rolled.snapshot_offset, rolled.snapshot);
}

Status sync_transaction_indexes(LogState& state, const SegmentList& segments) {
  {
    const std::lock_guard lock(state.mutex);
    if (!std::exchange(state.aborts_dirty, false)) return {};
  }
  for (const auto& segment : segments) {
    {
      const std::lock_guard lock(state.mutex);
      if (!segment->transaction_index_dirty) continue;
      segment->transaction_index_dirty = false;
    }
    auto file = state.files.open(state.file_path(segment->base, file_names::transaction_index), OpenMode::write);
    if (!file) return file.why();
    if (const Status status = sync_file(**file); !status) return status;
  }
  return {};
}

}  // namespace

Status LogState::write_snapshot(Offset offset, Bytes snapshot) {
  if (const Status status = write_whole(files, file_path(offset, file_names::snapshot), snapshot, true); !status) return status;
  const std::lock_guard lock(mutex);
  names_dirty = true;
  return {};
}

Status LogState::write_epochs() {
  if (!epochs.take_dirty()) return {};
  const std::string text = format_epoch_checkpoint(epochs.entries());
  if (const Status status = replace_file(files, path + "/" + file_names::leader_epochs, bytes_of(text)); !status) {
    epochs.mark_dirty();
    return status;
  }
  const std::lock_guard lock(mutex);
  names_dirty = true;
  return {};
}

// Kafka writes the checkpoint when an epoch begins. Here it becomes durable with the first records of the epoch, because an epoch without
// any says nothing that the next one would not say too, and ten thousand leaders that begin at once would wait for twenty thousand syncs.
// A log without records gets its file at once, unsynced: whatever a power cut leaves of it, nothing is lost. It is written over, not cut
// to nothing before: ext4 flushes a file that was, at its close, which took 60 times as long.
Status LogState::note_epoch_of_nothing() {
  const std::string text = format_epoch_checkpoint(epochs.entries());
  const auto file = files.open(path + "/" + file_names::leader_epochs, OpenMode::create);
  if (!file) return file.why();
  if (const WriteOutcome outcome = (*file)->write_at(0, bytes_of(text)); !outcome) return outcome.status;
  const auto size = (*file)->size();
  if (!size) return size.why();
  return *size > text.size() ? (*file)->truncate(text.size()) : Status{};
}

// One round: files first, then names, then the published end.
Status LogState::sync_round(SyncScope scope) {
  LogPosition target;
  std::shared_ptr<const SegmentList> list;
  std::shared_ptr<Segment> last;
  std::shared_ptr<SegmentFile> last_file;
  std::shared_ptr<IndexTail> last_tail;
  std::vector<RolledSegment> round;
  bool new_log = false;
  bool unsynced = false;
  {
    const std::lock_guard lock(mutex);
    const Offset active_base = segments->back()->base;
    target = scope == SyncScope::everything ? ends.log_end : LogPosition{active_base, active_base, 0};
    unsynced = target.position > 0 && target.offset > ends.flushed_end.offset;
    list = segments;
    last = segments->back();
    last_file = active_file;
    last_tail = last->tail;
    round = rolled;
    new_log = metadata_dirty;
  }
  for (RolledSegment& segment : round) {
    if (const Status status = sync_rolled(*this, segment); !status) return status;
  }
  if (const Status status = sync_transaction_indexes(*this, *list); !status) return status;
  if (epochs.file_lacks(target.offset)) {
    if (const Status status = write_epochs(); !status) return status;
  }
  if (unsynced) {
    const auto file = last_file ? Result(last_file) : open_file(last);
    if (!file) return file.why();
    if (const Status status = sync_file((*file)->file()); !status) return status;
  }
  if (index_entries_unwritten(*last_tail) > 0) write_index_entries(*last, *last_tail);
  bool names = false;
  {
    const std::lock_guard lock(mutex);
    names = std::exchange(names_dirty, false);
  }
  if (names || new_log) {
    if (const Status status = files.sync_directory(path); !status) return status;
  }
  if (new_log) {
    if (const Status status = files.sync_directory(directory.path()); !status) return status;
  }
  const std::lock_guard lock(mutex);
  if (new_log) metadata_dirty = false;
  std::erase_if(rolled, [&](const RolledSegment& segment) {
    for (const RolledSegment& done : round) {
      if (done.segment != segment.segment) continue;
      segment.segment->index_in_files = segment.segment->tail->total();
      segment.segment->tail.reset();
      directory.descriptors().keep(segment.file);
      return true;
    }
    return false;
  });
  if (mutated(Mutation::watermark_past_sync)) target = ends.log_end;
  if (target.offset > ends.flushed_end.offset || target.segment_base > ends.flushed_end.segment_base) ends.flushed_end = target;
  return {};
}

File* LogState::begin_round() {
  const std::lock_guard lock(mutex);
  const LogPosition& target = ends.log_end;
  const bool is_simple = rolled.empty() && !names_dirty && !metadata_dirty && !aborts_dirty && active_file && target.position > 0 &&
                         target.offset > ends.flushed_end.offset && target.segment_base == ends.flushed_end.segment_base;
  if (!is_simple || epochs.file_lacks(target.offset)) return nullptr;
  round_target = target;
  round_segment = segments->back();
  round_file = active_file;
  return &round_file->file();
}

void LogState::end_round() {
  round_file.reset();
  const std::shared_ptr<Segment> segment = std::move(round_segment);
  std::shared_ptr<IndexTail> tail_of_round;
  {
    const std::lock_guard lock(mutex);
    tail_of_round = segment->tail;
    if (mutated(Mutation::watermark_past_sync)) round_target = ends.log_end;
    if (round_target.offset > ends.flushed_end.offset) ends.flushed_end = round_target;
  }
  if (tail_of_round && index_entries_unwritten(*tail_of_round) > 0) write_index_entries(*segment, *tail_of_round);
}

uint32_t LogState::index_entries_unwritten(const IndexTail& of) {
  const IndexCounts total = of.total();
  return total.offsets - of.written.offsets + total.times - of.written.times;
}

// Not synced, and a full disk is noticed again at the roll.
void LogState::write_index_entries(const Segment& segment, IndexTail& of) {
  const IndexCounts total = of.total();
  index_unsynced = true;
  if (write_index_files(files, file_path(segment.base, file_names::offset_index), file_path(segment.base, file_names::time_index), of, of.written, total, false, false)) {
    of.written = total;
  }
}

// Everything a clean stop leaves behind, durably: index tails, producer snapshot, data, names.
Status LogState::settle() {
  // A log that never held anything is made again by the next start, whatever is left of it; thousands of them would cost thousands of
  // syncs. One that was cut to nothing still has to lose its index durably: what a clean stop left is trusted.
  if (holds_nothing() && !index_unsynced.load(std::memory_order_relaxed)) return {};
  append_final_time_entry();
  const IndexCounts total = tail->total();
  if (index_unsynced.load(std::memory_order_relaxed) || index_entries_unwritten(*tail) > 0) {
    const Offset base = active().base;
    if (const Status status = write_index_files(files, file_path(base, file_names::offset_index), file_path(base, file_names::time_index), *tail, tail->written, total,
                                                true, true);
        !status) {
      return status;
    }
    tail->written = total;
    const std::lock_guard lock(mutex);
    names_dirty = true;
  }
  if (ends.log_end.offset > snapshot_offset) {
    if (const Status status = write_snapshot(ends.log_end.offset, format_producer_snapshot(producers.entries())); !status) return status;
    snapshot_offset = ends.log_end.offset;
  }
  return sync_round();
}

Status PartitionLog::sync(SyncScope scope) {
  LogState& state = *state_;
  const std::lock_guard syncing(state.sync_role);
  if (state.failed.load(std::memory_order_acquire) || state.closed.load(std::memory_order_acquire)) return {Errc::closed};
  if (!needs_sync(scope)) return {};
  Status status;
  if (File* const file = scope == SyncScope::everything ? state.begin_round() : nullptr) {
    status = sync_file(*file);
    if (status) state.end_round();
  } else {
    status = state.sync_round(scope);
  }
  return status ? status : state.fail(status);
}

File* PartitionLog::begin_sync() {
  LogState& state = *state_;
  if (state.failed.load(std::memory_order_acquire) || state.closed.load(std::memory_order_acquire) || !state.sync_role.try_lock()) return nullptr;
  File* const file = state.begin_round();
  if (file == nullptr) state.sync_role.unlock();
  return file;
}

Status PartitionLog::end_sync(Status of_file) {
  LogState& state = *state_;
  if (of_file) state.end_round();
  const Status status = of_file ? of_file : state.fail(of_file);
  state.sync_role.unlock();
  return status;
}

bool PartitionLog::needs_sync(SyncScope scope) const {
  const std::lock_guard lock(state_->mutex);
  const bool has_unsynced = scope == SyncScope::everything && state_->ends.flushed_end.offset < state_->ends.log_end.offset;
  return has_unsynced || !state_->rolled.empty();
}

// A log that never held anything is made again by the next start, so that nothing of it need be durable.
bool LogState::names_are_durable() const {
  const std::lock_guard lock(mutex);
  return holds_nothing() || (!metadata_dirty && !names_dirty && !epochs.file_lacks(ends.log_end.offset));
}

Status PartitionLog::sync_names() {
  LogState& state = *state_;
  const std::lock_guard syncing(state.sync_role);
  if (state.failed.load(std::memory_order_acquire) || state.closed.load(std::memory_order_acquire)) return {Errc::closed};
  if (const Status status = state.names_are_durable() ? Status{} : state.sync_round(); !status) return state.fail(status);
  std::shared_ptr<Segment> last;
  std::shared_ptr<IndexTail> last_tail;
  {
    const std::lock_guard lock(state.mutex);
    last = state.segments->back();
    last_tail = last->tail;
  }
  if (last_tail && state.index_entries_unwritten(*last_tail) > 0) state.write_index_entries(*last, *last_tail);
  return {};
}

bool PartitionLog::trim() {
  LogState& state = *state_;
  if (std::exchange(state.touched, false)) return true;
  if (state.failed.load(std::memory_order_acquire) || state.closed.load(std::memory_order_acquire) || needs_sync()) return true;
  const std::unique_lock syncing(state.sync_role, std::try_to_lock);
  if (!syncing) return true;
  const IndexCounts total = state.tail->total();
  if (!state.names_are_durable() || state.index_entries_unwritten(*state.tail) > 0) return false;
  const std::lock_guard lock(state.mutex);
  if (state.tail->offsets.size() > 0 || state.tail->times.size() > 0) {
    state.tail = std::make_shared<IndexTail>(total);
    state.active().tail = state.tail;
  }
  state.active_file.reset();
  state.hints.clear();
  return true;
}

Status PartitionLog::close() {
  LogState& state = *state_;
  const std::lock_guard keeping(state.keeper_role);
  const std::lock_guard syncing(state.sync_role);
  if (state.closed.exchange(true, std::memory_order_acq_rel)) return {};
  if (state.failed.load(std::memory_order_acquire)) return {Errc::closed};
  const Status status = state.settle();
  return status ? status : state.fail(status);
}

void PartitionLog::let_go() {
  LogState& state = *state_;
  state.let_go(*snapshot_of(state).segments);
  const std::lock_guard lock(state.mutex);
  state.active_file.reset();
  state.rolled.clear();
}

}  // namespace milena
