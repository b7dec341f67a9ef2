// Segments come and go: rolling, and taking old ones out.
#include <algorithm>

#include "log/file_names.h"
#include "log/log_state.h"
#include "log/partition_log.h"
#include "log/producer_snapshot.h"

namespace milena {

namespace {

// Looks first: an unlink would wait for others in the same directory, and there is hardly ever anything to remove.
Status remove_leftover(FileSystem& files, const std::string& path) {
  const auto facts = files.stat(path);
  if (!facts) return facts.why().code == Errc::not_found ? Status{} : facts.why();
  return files.remove(path);
}

}  // namespace

Status LogState::make_segment(Offset base, int64_t now_ms, RolledSegment* before) {
  // What a file of this name holds is older than the log's end: a leftover of a roll whose log was cut since.
  auto file = files.open(file_path(base, file_names::log), OpenMode::create_new);
  if (!file) return file.why();
  if (const Status status = remove_leftover(files, file_path(base, file_names::transaction_index)); !status) return status;
  if (before != nullptr) complete(*before, base);
  auto segment = std::make_shared<Segment>(base);
  auto segment_file = std::make_shared<SegmentFile>(std::move(*file));
  segment->tail = std::make_shared<IndexTail>(IndexCounts{});
  segment->max_timestamp = MaxTimestamp{no_timestamp, base};
  segment->file = segment_file;
  marks = {};
  marks.max_timestamp.offset = base;
  tail = segment->tail;
  first_batch_timestamp.reset();
  created_ms = now_ms;
  new_jitter();
  set_active(segment);
  index_unsynced.store(true, std::memory_order_relaxed);
  const std::lock_guard lock(mutex);
  auto list = std::make_shared<SegmentList>(*segments);
  list->push_back(std::move(segment));
  segments = std::move(list);
  active_file = std::move(segment_file);
  ends.log_end = {ends.log_end.offset, base, 0};
  names_dirty = true;
  // In the same step: a round of syncs that saw the new segment and not what the old one still needs would call all of it durable.
  if (before != nullptr) rolled.push_back(std::move(*before));
  return {};
}

void LogState::append_final_time_entry() {
  if (marks.max_timestamp.timestamp_ms <= marks.last_time_entry_ms) return;
  tail->times.push({marks.max_timestamp.timestamp_ms, static_cast<uint32_t>(marks.max_timestamp.offset.value - active().base.value)});
  marks.last_time_entry_ms = marks.max_timestamp.timestamp_ms;
  marks.counts.times++;
}

// The active segment ends at `end`.
void LogState::complete(RolledSegment& active, Offset end) {
  append_final_time_entry();
  if (end <= snapshot_offset) return;
  active.snapshot_offset = end;
  active.snapshot = format_producer_snapshot(producers.entries());
  snapshot_offset = end;
}

Status LogState::roll(int64_t now_ms) {
  RolledSegment old{active_ptr(), active_file, Offset{-1}, {}};
  if (!old.file) {
    const auto file = open_file(active_ptr());
    if (!file) return file.why();
    old.file = *file;
  }
  return make_segment(ends.log_end.offset, now_ms, &old);
}

Status LogState::remove_files_later(Offset base, int64_t now_ms, Removal what) {
  const int64_t due_ms = now_ms + std::max<int64_t>(current_config()->file_delete_delay_ms, 0);
  for (const std::string_view suffix : {file_names::log, file_names::offset_index, file_names::time_index, file_names::transaction_index, file_names::snapshot}) {
    if (suffix == file_names::snapshot && what == Removal::without_snapshot) continue;
    const std::string from = file_path(base, suffix);
    const std::string to = from + std::string(file_names::deleted);
    const Status status = files.rename(from, to);
    if (status) directory.removals().add(to, false, due_ms);
    else if (status.code != Errc::not_found) return status;
  }
  return {};
}

Status LogState::drop_front(size_t count, int64_t now_ms) {
  std::shared_ptr<const SegmentList> before;
  Offset log_start;
  {
    const std::lock_guard lock(mutex);
    before = segments;
    segments = std::make_shared<const SegmentList>(before->begin() + static_cast<std::ptrdiff_t>(count), before->end());
    const Offset start = segments->front()->base;
    std::erase_if(rolled, [&](const RolledSegment& segment) { return segment.segment->base < start; });
    log_start = ends.log_start = std::max(ends.log_start, start);
    if (ends.flushed_end.segment_base < start) ends.flushed_end = {std::max(ends.flushed_end.offset, start), start, 0};
  }
  let_go(std::span(*before).first(count));
  epochs.truncate_from_start(log_start);
  // One that cannot be renamed is a segment again after the next start, and goes then.
  Status status;
  for (size_t i = 0; i < count; i++) {
    if (const Status renamed = remove_files_later((*before)[i]->base, now_ms); !renamed) status = renamed;
  }
  const std::lock_guard lock(mutex);
  names_dirty = true;
  return status;
}

Status PartitionLog::roll(int64_t now_ms, bool force) {
  LogState& state = *state_;
  if (state.failed.load(std::memory_order_acquire) || state.closed.load(std::memory_order_acquire)) return {Errc::closed};
  if (state.active().size == 0) return {};
  const auto config = state.current_config();
  const int64_t first = state.first_batch_timestamp.value_or(no_timestamp);
  const int64_t waited_ms = now_ms - (first >= 0 ? first : state.created_ms);
  const bool due = config->compact && waited_ms > std::min(config->segment_ms, config->max_compaction_lag_ms) - state.jitter_ms;
  return force || due ? state.roll(now_ms) : Status{};
}

}  // namespace milena
