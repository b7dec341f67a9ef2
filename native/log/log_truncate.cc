// Cutting the log at its end: for a follower that has to give up what its new leader does not have. Rare, so it may wait for
// a sync round and for the keeper.
#include <algorithm>

#include "log/batch_walk.h"
#include "log/file_names.h"
#include "log/log_state.h"
#include "log/partition_log.h"

namespace milena {
namespace {

// The entries of a segment that name batches wholly below `offset`, in a new tail over the same files.
Result<std::shared_ptr<IndexTail>> shorter_tail(LogState& state, const std::shared_ptr<Segment>& segment, SegmentFile& file, Offset offset) {
  const auto index = state.index_of(segment, file);
  if (!index) return index.why();
  const auto relative = static_cast<uint32_t>(offset.value - segment->base.value);
  const auto offsets = index->offsets_below(relative);
  if (!offsets) return offsets.why();
  const auto times = index->times_below(relative);
  if (!times) return times.why();
  IndexCounts in_files;
  {
    const std::lock_guard lock(state.mutex);
    in_files = segment->tail ? segment->tail->written : *segment->index_in_files;
  }
  in_files = {std::min(in_files.offsets, *offsets), std::min(in_files.times, *times)};
  auto shorter = std::make_shared<IndexTail>(in_files);
  for (uint32_t i = in_files.offsets; i < *offsets; i++) {
    const auto entry = index->offset_entry(i);
    if (!entry) return entry.why();
    shorter->offsets.push(*entry);
  }
  for (uint32_t i = in_files.times; i < *times; i++) {
    const auto entry = index->time_entry(i);
    if (!entry) return entry.why();
    shorter->times.push(*entry);
  }
  return shorter;
}

}  // namespace

Status LogState::load_marks(const std::shared_ptr<Segment>& segment, SegmentFile& file, uint64_t size, bool look) {
  const auto index = index_of(segment, file);
  if (!index) return index.why();
  marks = {};
  marks.counts = {index->offset_count(), index->time_count()};
  marks.max_timestamp = {no_timestamp, segment->base};
  if (index->time_count() > 0) {
    const auto last = index->time_entry(index->time_count() - 1);
    if (!last) return last.why();
    marks.last_time_entry_ms = last->timestamp_ms;
    marks.max_timestamp = {last->timestamp_ms, segment->base.plus(last->relative_offset)};
  }
  first_batch_timestamp.reset();
  BatchWalk first(file.file(), 0, size, BatchWalk::Depth::headers);
  if (first.next() == BatchWalk::Step::batch) first_batch_timestamp = first.info().max_timestamp;
  if (look) {
    const auto from = find_batch(segment, file, size, marks.max_timestamp.offset);
    if (!from) return from.why();
    BatchWalk walk(file.file(), from->position, size, BatchWalk::Depth::headers);
    while (walk.next() == BatchWalk::Step::batch) {
      if (walk.info().max_timestamp > marks.max_timestamp.timestamp_ms) marks.max_timestamp = {walk.info().max_timestamp, Offset{walk.info().last_offset()}};
    }
    if (!walk.status()) return walk.status();
  }
  const std::lock_guard lock(mutex);
  segment->max_timestamp = marks.max_timestamp;
  tail = segment->tail;
  return {};
}

Status LogState::cut_to(Offset offset) {
  const std::shared_ptr<const SegmentList> before = snapshot_of(*this).segments;
  const size_t keep = segment_at(*before, offset);
  const std::shared_ptr<Segment>& old = (*before)[keep];
  const auto file = open_file(old);
  if (!file) return file.why();
  const auto found = find_batch(old, **file, old->size, offset);
  if (!found) return found.why();
  const auto shorter = shorter_tail(*this, old, **file, offset);
  if (!shorter) return shorter.why();

  // Readers learn first: none may be sent to bytes that are about to go.
  auto segment = std::make_shared<Segment>(old->base);
  segment->size = static_cast<uint32_t>(found->position);
  segment->tail = *shorter;
  segment->file = *file;
  set_active(segment);
  {
    const std::lock_guard lock(mutex);
    segment->has_transaction_index = old->has_transaction_index;
    auto list = std::make_shared<SegmentList>(before->begin(), before->begin() + static_cast<std::ptrdiff_t>(keep));
    list->push_back(segment);
    segments = std::move(list);
    active_file = *file;
    ends.log_end = {offset, segment->base, segment->size};
    if (ends.flushed_end.offset > offset) ends.flushed_end = ends.log_end;
    std::erase_if(rolled, [&](const RolledSegment& gone) { return gone.segment->base >= segment->base; });
    hints.clear();
    (*file)->forget_aborted();  // the active one's, from now on
    names_dirty = true;
  }
  let_go(std::span(*before).subspan(keep + 1));
  for (size_t i = before->size(); i-- > keep + 1;) {
    if (const Status status = remove_files_later((*before)[i]->base, 0); !status) return status;
  }
  if (const Status status = (*file)->file().truncate(segment->size); !status) return status;
  if (const Status status = (*file)->file().sync(); !status) return status;
  if (const Status status = write_index_files(files, file_path(segment->base, file_names::offset_index), file_path(segment->base, file_names::time_index), *segment->tail,
                                              segment->tail->written, segment->tail->total(), true, false);
      !status) {
    return status;
  }
  segment->tail->written = segment->tail->total();
  index_unsynced = true;
  return load_marks(segment, **file, segment->size, true);
}

Status PartitionLog::truncate_to(Offset offset) {
  LogState& state = *state_;
  const std::lock_guard keeping(state.keeper_role);
  const std::lock_guard syncing(state.sync_role);
  if (state.failed.load(std::memory_order_acquire) || state.closed.load(std::memory_order_acquire)) return {Errc::closed};
  if (offset >= state.ends.log_end.offset) return {};
  if (offset < state.ends.log_start) return {Errc::out_of_range};
  // The checkpoint comes first: a recovery that finds less than it says must be able to call that a loss.
  if (state.directory.checkpoint(Checkpoint::recovery_point, state.partition).value_or(Offset{0}) > offset) {
    if (const Status status = state.directory.merge_checkpoint(Checkpoint::recovery_point, {{state.partition, offset}}); !status) return status;
  }
  Status status = state.cut_to(offset);
  if (status) {
    state.epochs.truncate_from_end(offset);
    const Offset base = state.active().base;
    status = state.reload_producers(offset, base, 0, base);
  }
  if (status) status = state.write_epochs();
  if (status) status = state.files.sync_directory(state.path);
  return status ? status : state.fail(status);
}

Status PartitionLog::delete_before(Offset offset, int64_t) {
  LogState& state = *state_;
  if (state.failed.load(std::memory_order_acquire) || state.closed.load(std::memory_order_acquire)) return {Errc::closed};
  if (offset > state.ends.log_end.offset) return {Errc::out_of_range};
  {
    const std::lock_guard lock(state.mutex);
    if (offset <= state.ends.log_start) return {};
    state.ends.log_start = offset;
  }
  state.epochs.truncate_from_start(offset);
  return {};
}

}  // namespace milena
