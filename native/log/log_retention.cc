// Retention: which segments are old, large or deleted enough to go (retention.ms, retention.bytes, log start offset). Beside the writer,
// who never waits for it: it looks at the files of closed segments and renames them.
#include <algorithm>

#include "log/log_state.h"
#include "log/partition_log.h"

namespace milena {
namespace {

// How many segments from the front fulfil `gone`, all of them below the high watermark; an empty active one never does.
template <class Gone>
Result<size_t> front_that(LogState& state, Offset high_watermark, Gone gone) {
  const LogSnapshot snapshot = snapshot_of(state);
  const SegmentList& segments = *snapshot.segments;
  size_t count = 0;
  for (; count < segments.size(); count++) {
    const bool last = count + 1 == segments.size();
    const Offset end = last ? snapshot.ends.log_end.offset : segments[count + 1]->base;
    if (high_watermark < end || (last && snapshot.ends.log_end.position == 0)) break;
    const Result<bool> goes = gone(segments[count], last ? nullptr : segments[count + 1].get());
    if (!goes) return goes.why();
    if (!*goes) break;
  }
  return count;
}

Result<bool> older_than(LogState& state, const std::shared_ptr<Segment>& segment, int64_t now_ms, int64_t retention_ms) {
  const auto largest_ms = state.largest_timestamp_of(segment);
  if (!largest_ms) return largest_ms.why();
  return now_ms - *largest_ms > retention_ms;
}

uint64_t size_of(LogState& state, const Segment& segment) {
  const std::lock_guard lock(state.mutex);
  return segment.size;
}

// Of the front `count` segments, one that a round of the syncer may be at work on (write.caching: readers see what is not durable).
bool any_unsynced(const LogState& state, size_t count) {
  const std::lock_guard lock(state.mutex);
  const Offset end = (*state.segments)[count]->base;
  return std::any_of(state.rolled.begin(), state.rolled.end(), [end](const RolledSegment& rolled) { return rolled.segment->base < end; });
}

// What is due goes, except for the active segment: closing that is the writer's.
Status drop(LogState& state, size_t count, int64_t now_ms, Retained& retained) {
  // The list may have grown since it was counted, at its end.
  if (count == snapshot_of(state).segments->size()) {
    retained.active_is_due = true;
    count--;
  }
  if (count == 0) return {};
  std::unique_lock syncing(state.sync_role, std::defer_lock);
  if (any_unsynced(state, count)) syncing.lock();
  retained.removed += count;
  return state.drop_front(count, now_ms);
}

}  // namespace

Result<Retained> PartitionLog::retain(int64_t now_ms, Offset high_watermark) {
  LogState& state = *state_;
  const std::lock_guard keeping(state.keeper_role);
  if (state.failed.load(std::memory_order_acquire) || state.closed.load(std::memory_order_acquire)) return Status{Errc::closed};
  const auto config = state.current_config();
  const Offset log_start = ends().log_start;
  Retained retained;
  auto count = front_that(state, high_watermark, [&](const auto&, const Segment* next) { return Result(next != nullptr && next->base <= log_start); });
  if (!count) return count.why();
  if (const Status status = drop(state, *count, now_ms, retained); !status) return status;
  if (!config->delete_old) return retained;

  const uint64_t size = size_bytes();
  if (config->retention_bytes >= 0 && size >= static_cast<uint64_t>(config->retention_bytes)) {
    uint64_t excess = size - static_cast<uint64_t>(config->retention_bytes);
    count = front_that(state, high_watermark, [&](const auto& segment, const Segment*) {
      const uint64_t bytes = size_of(state, *segment);
      if (excess < bytes) return Result(false);
      excess -= bytes;
      return Result(true);
    });
    if (!count) return count.why();
    if (const Status status = drop(state, *count, now_ms, retained); !status) return status;
  }
  if (config->retention_ms < 0) return retained;
  count = front_that(state, high_watermark, [&](const auto& segment, const Segment*) { return older_than(state, segment, now_ms, config->retention_ms); });
  if (!count) return count.why();
  if (const Status status = drop(state, *count, now_ms, retained); !status) return status;
  return retained;
}

}  // namespace milena
