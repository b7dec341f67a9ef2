// How dirty a compacted log is, and what a cleaner has to know of it.
#include <algorithm>

#include "log/batch_walk.h"
#include "log/log_state.h"
#include "log/partition_log.h"

namespace milena {
namespace {

// -1 for a segment without batches.
Result<int64_t> first_timestamp(LogState& state, const std::shared_ptr<Segment>& segment) {
  uint64_t size = 0;
  {
    const std::lock_guard lock(state.mutex);
    if (segment->first_timestamp_ms) return *segment->first_timestamp_ms;
    size = segment->size;
  }
  const auto file = state.open_file(segment);
  if (!file) return file.why();
  BatchWalk walk((*file)->file(), 0, size, BatchWalk::Depth::headers);
  const bool found = walk.next() == BatchWalk::Step::batch;
  if (!walk.status()) return walk.status();
  const std::lock_guard lock(state.mutex);
  segment->first_timestamp_ms = found ? walk.info().max_timestamp : no_timestamp;
  return *segment->first_timestamp_ms;
}

// Rolled segments whose files are not yet known to be durable: a cleaner leaves them and what follows alone.
Offset first_unsynced(const LogState& state, const SegmentList& segments) {
  Offset first = segments.back()->base;
  for (const RolledSegment& rolled : state.rolled) first = std::min(first, rolled.segment->base);
  return first;
}

struct View {
  Offset first_unsynced;
  std::vector<uint32_t> sizes;
};

View view_of(const LogState& state, const SegmentList& segments) {
  const std::lock_guard lock(state.mutex);
  View view{first_unsynced(state, segments), {}};
  for (const auto& segment : segments) view.sizes.push_back(segment->size);
  return view;
}

Result<Dirt> dirt_of(LogState& state, const LogSnapshot& snapshot, std::optional<Offset> clean_end, Offset last_stable_offset, const CompactionLags& lags, int64_t now_ms) {
  const LogEnds& ends = snapshot.ends;
  const SegmentList& segments = *snapshot.segments;
  const View view = view_of(state, segments);
  const bool usable = clean_end && *clean_end >= ends.log_start && *clean_end <= ends.log_end.offset;
  Dirt dirt;
  dirt.first_dirty = usable ? *clean_end : ends.log_start;
  dirt.first_uncleanable = std::min(last_stable_offset, view.first_unsynced);
  const size_t first = segment_at(segments, dirt.first_dirty);
  int64_t earliest_ms = INT64_MAX;
  for (size_t i = first; i + 1 < segments.size(); i++) {
    if (lags.min_ms > 0 && segments[i]->base < dirt.first_uncleanable) {
      const auto largest_ms = state.largest_timestamp_of(segments[i]);
      if (!largest_ms) return largest_ms.why();
      if (*largest_ms > now_ms - lags.min_ms) dirt.first_uncleanable = segments[i]->base;
    }
    if (lags.max_ms < INT64_MAX) {
      const auto first_ms = first_timestamp(state, segments[i]);
      if (!first_ms) return first_ms.why();
      if (*first_ms > 0) earliest_ms = std::min(earliest_ms, *first_ms);
    }
  }
  dirt.first_uncleanable = std::max(dirt.first_uncleanable, dirt.first_dirty);
  const size_t last = std::min(segment_at(segments, dirt.first_uncleanable), segments.size() - 1);
  for (size_t i = 0; i < last; i++) {
    if (segments[i]->base < dirt.first_dirty && i < first) dirt.clean_bytes += view.sizes[i];
    else dirt.cleanable_bytes += view.sizes[i];
  }
  const int64_t clean_until_ms = now_ms - std::max<int64_t>(lags.max_ms, 0);
  if (lags.max_ms < INT64_MAX && earliest_ms < clean_until_ms) dirt.overdue_ms = clean_until_ms - earliest_ms;
  return dirt;
}

Result<std::vector<CleanableSegment>> cleanable(LogState& state, const SegmentList& segments, Offset first_uncleanable) {
  const View view = view_of(state, segments);
  std::vector<CleanableSegment> all;
  for (size_t i = 0; i < segments.size(); i++) {
    CleanableSegment segment{segments[i]->base, view.sizes[i], 0, 0, false};
    if (segment.base < first_uncleanable) {
      const auto file = state.open_file(segments[i]);
      if (!file) return file.why();
      const auto index = state.index_of(segments[i], **file);
      if (!index) return index.why();
      segment.index_bytes = index->offset_count() * static_cast<uint32_t>(OffsetIndexEntry::bytes);
      segment.time_index_bytes = index->time_count() * static_cast<uint32_t>(TimeIndexEntry::bytes);
    }
    const std::lock_guard lock(state.mutex);
    segment.has_transaction_index = segments[i]->has_transaction_index;
    all.push_back(segment);
  }
  return all;
}

}  // namespace

Result<Dirt> PartitionLog::dirt(std::optional<Offset> clean_end, Offset last_stable_offset, const CompactionLags& lags, int64_t now_ms) const {
  return look_again(*state_, [&](const LogSnapshot& snapshot) { return dirt_of(*state_, snapshot, clean_end, last_stable_offset, lags, now_ms); });
}

Result<CleaningJob> PartitionLog::cleaning_job(const Dirt& dirt) const {
  LogState& state = *state_;
  auto segments = look_again(state, [&](const LogSnapshot& snapshot) { return cleanable(state, *snapshot.segments, dirt.first_uncleanable); });
  if (!segments) return segments.why();
  const auto config = state.current_config();
  CleaningJob job;
  job.path = state.path;
  job.segments = std::move(*segments);
  job.first_dirty = dirt.first_dirty;
  job.first_uncleanable = dirt.first_uncleanable;
  job.segment_bytes = config->segment_bytes;
  job.segment_index_bytes = config->segment_index_bytes;
  job.index_interval_bytes = config->index_interval_bytes;
  for (const auto& [producer_id, entry] : state.producers.entries()) {
    const ProducerBatch* last = entry.last();
    job.producers.push_back({producer_id, entry.epoch, last == nullptr ? -1 : last->last_offset});
  }
  return job;
}

}  // namespace milena
