// The questions about a log that its numbers answer.
#include "log/partition_log.h"

#include <algorithm>
#include <array>

#include "log/file_names.h"
#include "log/log_state.h"
#include "log/transaction_index.h"

namespace milena {
PartitionLog::PartitionLog(std::unique_ptr<LogState> state) : state_(std::move(state)) {}
PartitionLog::~PartitionLog() = default;

LogEnds PartitionLog::ends() const {
  const std::lock_guard lock(state_->mutex);
  return state_->ends;
}

Offset PartitionLog::last_stable_offset(Offset high_watermark) const {
  const auto unstable = state_->producers.first_unstable(high_watermark);
  return unstable ? std::min(*unstable, high_watermark) : high_watermark;
}

namespace {

using AbortedEntries = std::shared_ptr<const std::vector<AbortedEntry>>;

// What the transaction index of a segment says; null where it has none. Errc::not_found: the segment was replaced while it was looked at,
// the list is another one now.
Result<AbortedEntries> aborted_in(LogState& state, const LogSnapshot& snapshot, const std::shared_ptr<Segment>& segment, Patience patience) {
  std::shared_ptr<SegmentFile> file;
  {
    const std::lock_guard lock(state.mutex);
    if (segment->aborted) return segment->aborted;
    if (!segment->has_transaction_index) return AbortedEntries{};
    file = segment->file.lock();
  }
  // Markers that are still to come go into the active one; its index was written lately and is read from memory each time.
  const bool is_complete = segment->base != snapshot.ends.log_end.segment_base;
  if (is_complete && file) {
    if (auto known = file->aborted()) return known;
  }
  if (is_complete && patience == Patience::never_waits) return Status{Errc::would_wait};
  auto read = read_transaction_index(state.files, state.file_path(segment->base, file_names::transaction_index), patience);
  if (!read && read.why().code == Errc::would_wait) return read.why();
  if (is_complete && !file) {
    auto opened = state.open_file(segment);
    if (!opened) return opened.why();
    file = std::move(*opened);
  }
  const std::lock_guard lock(state.mutex);
  if (state.segments != snapshot.segments && (!read || read->empty())) return Status{Errc::not_found};
  if (!read) return read.why();
  AbortedEntries entries = std::make_shared<const std::vector<AbortedEntry>>(std::move(*read));
  if (is_complete && state.segments == snapshot.segments) file->keep_aborted(entries);
  return entries;
}

Result<std::vector<AbortedTransaction>> collect_aborted(LogState& state, const LogSnapshot& snapshot, Offset from, Offset upper, Patience patience) {
  const SegmentList& segments = *snapshot.segments;
  std::vector<AbortedTransaction> aborted;
  for (size_t i = segment_at(segments, from); i < segments.size(); i++) {
    const auto entries = aborted_in(state, snapshot, segments[i], patience);
    if (!entries) return entries.why();
    if (!*entries) continue;
    for (const AbortedEntry& entry : **entries) {
      if (entry.last_offset >= from.value && entry.first_offset < upper.value) aborted.push_back({ProducerId{entry.producer_id}, Offset{entry.first_offset}});
      // What ended while everything up to `upper` was decided: later entries lie wholly behind it.
      if (entry.last_stable_offset >= upper.value) return aborted;
    }
  }
  return aborted;
}

}  // namespace

Result<std::vector<AbortedTransaction>> PartitionLog::aborted_transactions(Offset from, Offset upper, Patience patience) const {
  return look_again(*state_, [&](const LogSnapshot& snapshot) { return collect_aborted(*state_, snapshot, from, upper, patience); });
}

TimestampHit PartitionLog::earliest() const {
  const Offset start = ends().log_start;
  return {no_timestamp, start, state_->epochs.earliest_at(start)};
}

LeaderEpoch PartitionLog::latest_epoch() const { return state_->epochs.latest(); }
EpochEnd PartitionLog::end_offset_for(LeaderEpoch epoch) const { return state_->epochs.end_offset_for(epoch, ends().log_end.offset); }
std::vector<ProducerView> PartitionLog::producers() const { return state_->producers.views(); }

uint64_t PartitionLog::size_bytes() const {
  const std::lock_guard lock(state_->mutex);
  uint64_t total = 0;
  for (const auto& segment : *state_->segments) total += segment->size;
  return total;
}

size_t PartitionLog::segment_count() const {
  const std::lock_guard lock(state_->mutex);
  return state_->segments->size();
}

const TopicPartition& PartitionLog::partition() const { return state_->partition; }
const std::string& PartitionLog::path() const { return state_->path; }
bool PartitionLog::failed() const { return state_->failed.load(std::memory_order_acquire); }

Status PartitionLog::failure() const {
  const std::lock_guard lock(state_->mutex);
  return state_->why_failed;
}

void PartitionLog::set_config(std::shared_ptr<const LogConfig> config) {
  const std::lock_guard lock(state_->mutex);
  state_->config = std::move(config);
}

bool PartitionLog::exists(LogDirectory& directory, const TopicPartition& partition) {
  return directory.files().exists(directory.path() + "/" + file_names::of_partition(partition));
}

}  // namespace milena
