// ListOffsets: from a timestamp to an offset, with the precision of records.
#include "log/batch_walk.h"
#include "log/log_state.h"
#include "log/partition_log.h"
#include "wire/record_walk.h"

namespace milena {
namespace {

// Stops at the first record that is late enough and lies at or above an offset.
struct FirstAtOrAfter final : RecordVisitor {
  FirstAtOrAfter(const BatchInfo& batch, int64_t wanted_ms, Offset lowest) : info(batch), timestamp_ms(wanted_ms), start(lowest) {}
  bool visit(const RecordHead& record) override {
    const Offset offset{info.base_offset + record.offset_delta};
    if (record.timestamp < timestamp_ms || offset < start) return true;
    hit = {record.timestamp, offset, LeaderEpoch{info.leader_epoch}};
    return false;
  }
  const BatchInfo& info;
  const int64_t timestamp_ms;
  const Offset start;
  TimestampHit hit;
};

// Stops at the first record with exactly the timestamp.
struct FirstWith final : RecordVisitor {
  FirstWith(const BatchInfo& batch, int64_t wanted_ms) : info(batch), timestamp_ms(wanted_ms) {}
  bool visit(const RecordHead& record) override {
    if (record.timestamp != timestamp_ms) return true;
    hit = {record.timestamp, Offset{info.base_offset + record.offset_delta}, LeaderEpoch{info.leader_epoch}};
    return false;
  }
  const BatchInfo& info;
  const int64_t timestamp_ms;
  TimestampHit hit;
};

uint64_t size_of(const LogState& state, const LogSnapshot& snapshot, const Segment& segment) {
  if (segment.base == snapshot.ends.log_end.segment_base) return snapshot.ends.log_end.position;
  const std::lock_guard lock(state.mutex);
  return segment.size;
}

Result<TimestampHit> find_in_segment(LogState& state, const LogSnapshot& snapshot, const std::shared_ptr<Segment>& segment, int64_t timestamp_ms,
                                     CodecScratch& scratch) {
  const auto file = state.open_file(segment);
  if (!file) return file.why();
  const auto index = state.index_of(segment, **file);
  if (!index) return index.why();
  const auto entry = index->floor_time(timestamp_ms);
  if (!entry) return entry.why();
  const Offset start = snapshot.ends.log_start;
  const Offset from = std::max(start, *entry ? segment->base.plus((**entry).relative_offset) : segment->base);
  const uint64_t size = size_of(state, snapshot, *segment);
  const auto found = state.find_batch(segment, **file, size, from);
  if (!found) return found.why();
  BatchWalk walk((*file)->file(), found->position, size, BatchWalk::Depth::headers);
  for (;;) {
    const BatchWalk::Step step = walk.next();
    if (step == BatchWalk::Step::end) return TimestampHit{};
    if (step == BatchWalk::Step::failed) return walk.status();
    if (step == BatchWalk::Step::bad) return Status{Errc::corrupt};
    if (walk.info().max_timestamp < timestamp_ms) continue;
    const auto batch = walk.whole();
    if (!batch) return batch.why();
    FirstAtOrAfter visitor(walk.info(), timestamp_ms, start);
    const WalkEnd end = walk_records(*batch, walk.info(), scratch, visitor);
    if (visitor.hit.offset.value >= 0) return visitor.hit;
    if (end != WalkEnd::complete) return Status{Errc::corrupt};
  }
}

Result<TimestampHit> find_in(LogState& state, const LogSnapshot& snapshot, int64_t timestamp_ms, Offset upper, CodecScratch& scratch) {
  for (const auto& segment : *snapshot.segments) {
    const auto largest = state.largest_timestamp_of(segment);
    if (!largest) return largest.why();
    if (*largest < timestamp_ms) continue;
    auto hit = find_in_segment(state, snapshot, segment, timestamp_ms, scratch);
    if (hit && hit->offset >= upper) return TimestampHit{};
    return hit;
  }
  return TimestampHit{};
}

Result<TimestampHit> find_greatest(LogState& state, const LogSnapshot& snapshot, CodecScratch& scratch) {
  std::shared_ptr<Segment> latest;
  MaxTimestamp greatest;
  for (const auto& segment : *snapshot.segments) {
    const auto found = state.max_timestamp_of(segment);
    if (!found) return found.why();
    if (latest && found->timestamp_ms <= greatest.timestamp_ms) continue;
    latest = segment;
    greatest = *found;
  }
  if (greatest.timestamp_ms < 0) return TimestampHit{};
  const auto file = state.open_file(latest);
  if (!file) return file.why();
  const uint64_t size = size_of(state, snapshot, *latest);
  const auto found = state.find_batch(latest, **file, size, greatest.offset);
  if (!found) return found.why();
  BatchWalk walk((*file)->file(), found->position, size, BatchWalk::Depth::headers);
  for (BatchWalk::Step step = walk.next(); step == BatchWalk::Step::batch; step = walk.next()) {
    if (walk.info().max_timestamp != greatest.timestamp_ms) continue;
    const auto batch = walk.whole();
    if (!batch) return batch.why();
    FirstWith visitor(walk.info(), greatest.timestamp_ms);
    static_cast<void>(walk_records(*batch, walk.info(), scratch, visitor));
    return visitor.hit;
  }
  return walk.status() ? Result(TimestampHit{}) : Result<TimestampHit>(walk.status());
}

}  // namespace

Result<TimestampHit> PartitionLog::find_timestamp(int64_t timestamp_ms, Offset upper, CodecScratch& scratch) const {
  return look_again(*state_, [&](const LogSnapshot& snapshot) { return find_in(*state_, snapshot, timestamp_ms, upper, scratch); });
}

Result<TimestampHit> PartitionLog::max_timestamp(CodecScratch& scratch) const {
  return look_again(*state_, [&](const LogSnapshot& snapshot) { return find_greatest(*state_, snapshot, scratch); });
}

}  // namespace milena
