#include "wire/leader_epoch.h"

#include "wire/frame.h"
#include "wire/reader.h"
#include "wire/writer.h"

namespace milena {

bool LeaderEpochRequest::parse(Bytes body, int16_t version) {
  const bool flexible = version >= hot_api(api::offset_for_leader_epoch)->flexible_from;
  WireReader in(body);
  topics.clear();
  partitions.clear();
  replica_id = version >= 3 ? in.int32() : -2;
  for (uint32_t t = in.array_size(flexible); t > 0 && in.ok(); t--) {
    LeaderEpochTopic topic;
    topic.name = in.string(flexible);
    topic.partitions_begin = static_cast<uint32_t>(partitions.size());
    for (uint32_t p = in.array_size(flexible); p > 0 && in.ok(); p--) {
      LeaderEpochPartition partition;
      partition.topic = static_cast<uint32_t>(topics.size());
      partition.index = in.int32();
      partition.current_leader_epoch = in.int32();
      partition.leader_epoch = in.int32();
      if (flexible) in.skip_tagged_fields();
      if (in.ok()) partitions.push_back(partition);
    }
    if (flexible) in.skip_tagged_fields();
    topic.partitions_end = static_cast<uint32_t>(partitions.size());
    if (in.ok()) topics.push_back(topic);
  }
  if (flexible) in.skip_tagged_fields();
  return in.ok();
}

LeaderEpochResponseWriter::LeaderEpochResponseWriter(std::vector<std::byte>& out, int16_t version, int32_t correlation_id, int32_t throttle_ms,
                                                     size_t topic_count)
    : out_(out),
      flexible_(version >= hot_api(api::offset_for_leader_epoch)->flexible_from),
      begin_(begin_response(out, *hot_api(api::offset_for_leader_epoch), version, correlation_id)) {
  WireWriter to(out_);
  to.int32(throttle_ms);
  to.size(flexible_, topic_count);
}

void LeaderEpochResponseWriter::topic(std::string_view name, size_t partition_count) {
  end_topic();
  topic_open_ = true;
  WireWriter to(out_);
  to.string(flexible_, name);
  to.size(flexible_, partition_count);
}

void LeaderEpochResponseWriter::partition(const LeaderEpochResult& result) {
  WireWriter to(out_);
  to.int16(code_of(result.error));
  to.int32(result.index);
  to.int32(result.leader_epoch);
  to.int64(result.end_offset);
  to.no_tagged_fields(flexible_);
}

void LeaderEpochResponseWriter::finish() {
  end_topic();
  WireWriter(out_).no_tagged_fields(flexible_);
  end_response(out_, begin_);
}

void LeaderEpochResponseWriter::end_topic() {
  if (topic_open_) WireWriter(out_).no_tagged_fields(flexible_);
  topic_open_ = false;
}

}  // namespace milena
