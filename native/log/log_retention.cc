// Retention: which segments are old, large or deleted enough to go (retention.ms, retention.bytes, log start offset).
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
  const auto found = state.max_timestamp_of(segment);
  if (!found) return found.why();
  int64_t largest_ms = found->timestamp_ms;
  if (largest_ms < 0) {
    const auto facts = state.files.stat(state.file_path(segment->base, ".log"));
    if (!facts) return facts.why();
    largest_ms = facts->modified_ms;
  }
  return now_ms - largest_ms > retention_ms;
}

uint64_t size_of(LogState& state, const Segment& segment) {
  const std::lock_guard lock(state.mutex);
  return segment.size;
}

Status drop(LogState& state, size_t count, int64_t now_ms) {
  if (count == 0) return {};
  if (count == snapshot_of(state).segments->size()) {
    if (const Status status = state.roll(now_ms); !status) return status;
  }
  const std::lock_guard syncing(state.sync_role);
  return state.drop_front(count, now_ms);
}

}  // namespace

Result<size_t> PartitionLog::retain(int64_t now_ms, Offset high_watermark) {
  LogState& state = *state_;
  if (state.failed.load(std::memory_order_acquire) || state.closed.load(std::memory_order_acquire)) return Status{Errc::closed};
  const auto config = state.current_config();
  const Offset log_start = ends().log_start;
  auto count = front_that(state, high_watermark, [&](const auto&, const Segment* next) { return Result(next != nullptr && next->base <= log_start); });
  if (!count) return count.why();
  size_t total = *count;
  if (const Status status = drop(state, *count, now_ms); !status) return status;
  if (!config->delete_old) return total;

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
    total += *count;
    if (const Status status = drop(state, *count, now_ms); !status) return status;
  }
  if (config->retention_ms < 0) return total;
  count = front_that(state, high_watermark, [&](const auto& segment, const Segment*) { return older_than(state, segment, now_ms, config->retention_ms); });
  if (!count) return count.why();
  total += *count;
  if (const Status status = drop(state, *count, now_ms); !status) return status;
  return total;
}

}  // namespace milena
