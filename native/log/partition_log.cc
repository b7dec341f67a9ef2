// The questions about a log that its numbers answer.
#include "log/partition_log.h"

#include <algorithm>
#include <array>

#include "base/endian.h"
#include "log/file_names.h"
#include "log/log_state.h"
#include "os/whole_file.h"

namespace milena {
namespace {

constexpr size_t aborted_bytes = 2 + 4 * 8;

}  // namespace

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

std::vector<AbortedTransaction> PartitionLog::aborted_transactions(Offset from, Offset upper) const {
  std::vector<AbortedTransaction> aborted;
  const LogSnapshot snapshot = snapshot_of(*state_);
  const SegmentList& segments = *snapshot.segments;
  for (size_t i = segment_at(segments, from); i < segments.size(); i++) {
    {
      const std::lock_guard lock(state_->mutex);
      if (!segments[i]->has_transaction_index) continue;
    }
    const auto bytes = read_whole(state_->files, state_->file_path(segments[i]->base, file_names::transaction_index));
    if (!bytes) continue;
    for (size_t at = 0; at + aborted_bytes <= bytes->size(); at += aborted_bytes) {
      const std::byte* entry = bytes->data() + at;
      const auto first_offset = load<int64_t>(entry + 10);
      const auto last_offset = load<int64_t>(entry + 18);
      if (last_offset >= from.value && first_offset < upper.value) aborted.push_back({ProducerId{load<int64_t>(entry + 2)}, Offset{first_offset}});
      // What ended while everything up to `upper` was decided: later entries lie wholly behind it.
      if (load<int64_t>(entry + 26) >= upper.value) return aborted;
    }
  }
  return aborted;
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
