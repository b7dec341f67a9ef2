// Finding whole batches for a fetch. Numbers come from one snapshot; files are looked at only where the numbers do not suffice.
#include <algorithm>
#include <array>

#include "log/batch_walk.h"
#include "log/log_state.h"
#include "log/partition_log.h"

namespace milena {
namespace {

constexpr size_t scratch_bytes = 4096;
constexpr int attempts_max = 3;  // a segment may be removed or cut between the snapshot and the look at its file

// A boundary between two batches, with the offset that follows it where it is known.
struct Edge {
  uint64_t position = 0;
  Offset offset;
};

// One attempt to answer one locate() from one snapshot.
class Locator {
 public:
  Locator(LogState& state, const LogSnapshot& snapshot, Offset from, Offset upper, uint32_t bytes_max, bool at_least_one, Patience patience)
      : state_(state), snapshot_(snapshot), from_(from), upper_(upper), bytes_max_(bytes_max), at_least_one_(at_least_one), patience_(patience) {}

  Result<LogRange> run();

 private:
  Result<LogRange> in_segment(size_t i);
  Result<Edge> limit_of(size_t i, SegmentFile& file, uint64_t size);
  Result<Edge> cut(const std::shared_ptr<Segment>& segment, SegmentFile& file, uint64_t start, uint64_t limit);
  uint64_t size_of(size_t i) const;
  std::optional<uint32_t> hint_of(Offset offset, Offset segment_base) const;

  LogState& state_;
  const LogSnapshot& snapshot_;
  const Offset from_;
  const Offset upper_;
  const uint32_t bytes_max_;
  const bool at_least_one_;
  const Patience patience_;
};

uint64_t Locator::size_of(size_t i) const {
  const Segment& segment = *(*snapshot_.segments)[i];
  if (segment.base == snapshot_.ends.log_end.segment_base) return snapshot_.ends.log_end.position;
  const std::lock_guard lock(state_.mutex);
  return segment.size;
}

// A hint tells about the files of the segments as they are now, which are others once a cleaned segment has taken a base over.
std::optional<uint32_t> Locator::hint_of(Offset offset, Offset segment_base) const {
  const std::lock_guard lock(state_.mutex);
  return state_.segments == snapshot_.segments ? state_.hints.find(offset, segment_base) : std::nullopt;
}

Result<LogRange> Locator::run() {
  for (size_t i = segment_at(*snapshot_.segments, from_); i < snapshot_.segments->size(); i++) {
    if ((*snapshot_.segments)[i]->base >= upper_) break;
    auto range = in_segment(i);
    // Nothing of this segment is at or above `from`: compaction or a cut left a gap in front of the next one.
    if (!range || range->file) return range;
  }
  return LogRange{nullptr, 0, 0, from_, from_};
}

// Where the batches below `upper` end in segment i.
Result<Edge> Locator::limit_of(size_t i, SegmentFile& file, uint64_t size) {
  const SegmentList& segments = *snapshot_.segments;
  const Offset base = segments[i]->base;
  if (i + 1 < segments.size() ? segments[i + 1]->base <= upper_ : snapshot_.ends.log_end.offset <= upper_) {
    return Edge{size, i + 1 < segments.size() ? segments[i + 1]->base : snapshot_.ends.log_end.offset};
  }
  const LogPosition& flushed = snapshot_.ends.flushed_end;
  if (flushed.offset == upper_ && flushed.segment_base == base) return Edge{flushed.position, upper_};
  if (const auto hint = hint_of(upper_, base)) return Edge{*hint, upper_};
  // The batch that holds the last offset below `upper` reaches past it or ends with it.
  const auto found = state_.find_batch(segments[i], file, size, Offset{upper_.value - 1}, patience_);
  if (!found) return found.why();
  if (found->info && found->info->last_offset() < upper_.value) return Edge{found->position + found->info->size_bytes, Offset{found->info->next_offset()}};
  return Edge{found->position, found->info ? Offset{found->info->base_offset} : upper_};
}

Result<LogRange> Locator::in_segment(size_t i) {
  const std::shared_ptr<Segment>& segment = (*snapshot_.segments)[i];
  const uint64_t size = size_of(i);
  auto file = state_.open_file(segment, patience_);
  if (!file) return file.why();
  const auto limit = limit_of(i, **file, size);
  if (!limit) return limit.why();
  LogRange range{nullptr, 0, 0, from_, from_};
  std::optional<BatchInfo> first;
  if (const auto hint = hint_of(from_, segment->base)) {
    range.position = *hint;
  } else if (from_ == segment->base) {
    range.position = 0;
  } else {
    const auto found = state_.find_batch(segment, **file, size, from_, patience_);
    if (!found) return found.why();
    range.position = found->position;
    first = found->info;
    if (first) range.first_offset = Offset{first->base_offset};
  }
  if (range.position >= size) return range;
  range.file = std::move(*file);
  if (range.position >= limit->position) {
    range.next_offset = from_;
    return range;
  }
  Edge end = *limit;
  if (end.position - range.position > bytes_max_) {
    const auto shorter = cut(segment, *range.file, range.position, end.position);
    if (!shorter) return shorter.why();
    end = *shorter;
  }
  range.size = static_cast<uint32_t>(end.position - range.position);
  range.next_offset = range.size > 0 ? end.offset : from_;
  return range;
}

// The last boundary that keeps the range within bytes_max, or the end of the first batch if at least one is wanted.
Result<Edge> Locator::cut(const std::shared_ptr<Segment>& segment, SegmentFile& file, uint64_t start, uint64_t limit) {
  const uint64_t allowed = start + bytes_max_;
  std::array<std::byte, scratch_bytes> scratch;
  const auto index = state_.index_of(segment, file, patience_);
  if (!index) return index.why();
  const auto entry = index->floor_position(allowed);
  if (!entry) return entry.why();
  const bool usable = *entry && (**entry).position > start && (**entry).position < limit;
  for (uint64_t begin = usable ? (**entry).position : start;; begin = start) {
    BatchWalk walk(file.file(), begin, limit, BatchWalk::Depth::headers, scratch, patience_);
    BatchWalk::Step step = walk.next();
    if (step == BatchWalk::Step::failed) return walk.status();
    // An entry that names another batch than lies there is not believed: all the way from the start then.
    if (begin != start && (step != BatchWalk::Step::batch || walk.info().last_offset() != segment->base.value + (**entry).relative_offset)) continue;
    Edge edge{begin, begin == start ? from_ : Offset{walk.info().base_offset}};
    for (; step == BatchWalk::Step::batch; step = walk.next()) {
      const bool first = walk.position() == start;
      if (walk.next_position() > allowed && !(first && at_least_one_)) return edge;
      edge = {walk.next_position(), Offset{walk.info().next_offset()}};
    }
    if (step == BatchWalk::Step::failed) return walk.status();
    if (step == BatchWalk::Step::bad) return Status{Errc::corrupt};
    return edge;
  }
}

}  // namespace

Result<LogRange> PartitionLog::locate(Offset from, Offset upper, uint32_t bytes_max, bool at_least_one, Patience patience) const {
  LogState& state = *state_;
  Status why{Errc::closed};
  for (int attempt = 0; attempt < attempts_max; attempt++) {
    const LogSnapshot snapshot = snapshot_of(state);
    if (from < snapshot.ends.log_start || from > snapshot.ends.log_end.offset) return Status{Errc::out_of_range};
    const Offset bounded = std::min(upper, snapshot.ends.log_end.offset);
    if (from >= bounded) return LogRange{nullptr, 0, 0, from, from};
    auto range = Locator(state, snapshot, from, bounded, bytes_max, at_least_one, patience).run();
    if (range) {
      if (range->size == 0) {
        range->file.reset();
        return range;
      }
      const std::lock_guard lock(state.mutex);
      const auto& list = *state.segments;
      // Not after a truncation: the boundary may be gone.
      if (state.segments == snapshot.segments) {
        state.hints.note({range->next_offset, list[segment_at(list, range->first_offset)]->base, static_cast<uint32_t>(range->position + range->size)});
      }
      return range;
    }
    why = range.why();
    if (why.code != Errc::not_found && why.code != Errc::corrupt) return why;
  }
  return why;
}

}  // namespace milena
