#include "plane/cleaning_codec.h"

#include <algorithm>
#include <cstring>

#include "base/endian.h"

namespace milena {

std::vector<std::byte> encode_plan(const CleaningJob& job) {
  abi::CleaningPlan plan;
  plan.path = job.path;
  for (const CleanableSegment& segment : job.segments) {
    plan.segments.push_back({segment.base.value, segment.size, segment.index_bytes, segment.time_index_bytes, segment.has_transaction_index});
  }
  plan.first_dirty = job.first_dirty.value;
  plan.first_uncleanable = job.first_uncleanable.value;
  plan.segment_bytes = job.segment_bytes;
  plan.segment_index_bytes = job.segment_index_bytes;
  plan.index_interval_bytes = job.index_interval_bytes;
  for (const LastOfProducer& producer : job.producers) plan.producers.push_back({producer.producer_id, producer.epoch, producer.last_data_offset});
  std::vector<std::byte> bytes;
  abi::AbiWriter to(bytes);
  write(to, plan);
  return bytes;
}

std::optional<CleaningJob> decode_job(Bytes bytes, const abi::CleaningTask& task) {
  abi::AbiReader from(bytes);
  abi::CleaningPlan plan;
  if (!read(from, plan) || from.left() != 0 || plan.segments.empty() || task.map_bytes_max < 0 || task.map_load_percent < 1 || task.map_load_percent > 100) {
    return std::nullopt;
  }
  CleaningJob job;
  job.path = plan.path;
  for (const abi::PlannedSegment& segment : plan.segments) {
    job.segments.push_back({Offset{segment.base}, segment.size, segment.index_bytes, segment.time_index_bytes, segment.has_transaction_index});
  }
  job.first_dirty = Offset{plan.first_dirty};
  job.first_uncleanable = Offset{plan.first_uncleanable};
  job.now_ms = task.now_ms;
  job.delete_retention_ms = task.delete_retention_ms;
  job.segment_bytes = plan.segment_bytes;
  job.segment_index_bytes = plan.segment_index_bytes;
  job.index_interval_bytes = plan.index_interval_bytes;
  for (const abi::PlannedProducer& producer : plan.producers) job.producers.push_back({producer.producer_id, producer.epoch, producer.last_data_offset});
  std::sort(job.producers.begin(), job.producers.end(), [](const LastOfProducer& a, const LastOfProducer& b) { return a.producer_id < b.producer_id; });
  job.map_bytes_max = static_cast<size_t>(task.map_bytes_max);
  job.map_load_factor = static_cast<double>(task.map_load_percent) / 100;
  job.secret = {load<uint64_t>(task.secret.data()), load<uint64_t>(task.secret.data() + 8)};
  return job;
}

std::vector<std::byte> encode_group(const CleanedGroup& group) {
  abi::CleanedSegments segments;
  for (const Offset base : group.replaced) segments.replaced.push_back(base.value);
  segments.size = group.size;
  segments.offset_entries = group.index.offsets;
  segments.time_entries = group.index.times;
  segments.max_timestamp = group.max_timestamp.timestamp_ms;
  segments.max_timestamp_offset = group.max_timestamp.offset.value;
  for (const AbortedEntry& entry : group.aborted) segments.aborted.push_back({entry.producer_id, entry.first_offset, entry.last_offset, entry.last_stable_offset});
  std::vector<std::byte> bytes;
  abi::AbiWriter to(bytes);
  write(to, segments);
  return bytes;
}

std::optional<CleanedGroup> decode_group(Bytes bytes) {
  abi::AbiReader from(bytes);
  abi::CleanedSegments segments;
  if (!read(from, segments) || from.left() != 0 || segments.replaced.empty()) return std::nullopt;
  CleanedGroup group;
  for (const int64_t base : segments.replaced) group.replaced.push_back(Offset{base});
  group.size = segments.size;
  group.index = {segments.offset_entries, segments.time_entries};
  group.max_timestamp = {segments.max_timestamp, Offset{segments.max_timestamp_offset}};
  for (const abi::AbortedTransaction& entry : segments.aborted) group.aborted.push_back({entry.producer_id, entry.first_offset, entry.last_offset, entry.last_stable_offset});
  return group;
}

}  // namespace milena
