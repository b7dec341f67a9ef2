#include "wire/fetch_request.h"

#include "wire/frame.h"
#include "wire/reader.h"

namespace milena {

namespace {

FetchPartition read_partition(WireReader& in, int16_t version, bool flexible, uint32_t topic) {
  FetchPartition partition;
  partition.topic = topic;
  partition.index = in.int32();
  if (version >= 9) partition.current_leader_epoch = in.int32();
  partition.fetch_offset = in.int64();
  if (version >= 12) partition.last_fetched_epoch = in.int32();
  if (version >= 5) partition.log_start_offset = in.int64();
  partition.partition_max_bytes = in.int32();
  if (flexible) {
    in.tagged_fields([&](uint32_t tag) {
      if (tag == 0 && version >= 17) partition.replica_directory_id = in.uuid();
      else if (tag == 1 && version >= 18) partition.high_watermark = in.int64();
      else return false;
      return true;
    });
  }
  return partition;
}

FetchTopic read_topic_name(WireReader& in, int16_t version, bool flexible, size_t partitions_begin) {
  FetchTopic topic;
  if (version >= 13) topic.id = in.uuid();
  else topic.name = in.string(flexible);
  topic.partitions_begin = static_cast<uint32_t>(partitions_begin);
  return topic;
}

void read_topics(WireReader& in, int16_t version, bool flexible, FetchRequest& request) {
  for (uint32_t t = in.array_size(flexible); t > 0 && in.ok(); t--) {
    FetchTopic topic = read_topic_name(in, version, flexible, request.partitions.size());
    for (uint32_t p = in.array_size(flexible); p > 0 && in.ok(); p--) {
      const FetchPartition partition = read_partition(in, version, flexible, static_cast<uint32_t>(request.topics.size()));
      if (in.ok()) request.partitions.push_back(partition);
    }
    if (flexible) in.skip_tagged_fields();
    topic.partitions_end = static_cast<uint32_t>(request.partitions.size());
    if (in.ok()) request.topics.push_back(topic);
  }
}

void read_forgotten(WireReader& in, int16_t version, bool flexible, FetchRequest& request) {
  for (uint32_t t = in.array_size(flexible); t > 0 && in.ok(); t--) {
    FetchTopic topic = read_topic_name(in, version, flexible, request.forgotten_partitions.size());
    for (uint32_t p = in.array_size(flexible); p > 0 && in.ok(); p--) request.forgotten_partitions.push_back(in.int32());
    if (flexible) in.skip_tagged_fields();
    topic.partitions_end = static_cast<uint32_t>(request.forgotten_partitions.size());
    if (in.ok()) request.forgotten_topics.push_back(topic);
  }
}

// The replica state is a struct with tagged fields of its own.
void read_replica_state(WireReader& in, FetchRequest& request) {
  request.replica_id = in.int32();
  request.replica_epoch = in.int64();
  in.skip_tagged_fields();
}

}  // namespace

bool FetchRequest::parse(Bytes body, int16_t version) {
  const bool flexible = version >= hot_api(api::fetch)->flexible_from;
  WireReader in(body);
  topics.clear();
  partitions.clear();
  forgotten_topics.clear();
  forgotten_partitions.clear();
  cluster_id_null = true;
  cluster_id = {};
  replica_epoch = -1;
  replica_id = version <= 14 ? in.int32() : -1;
  max_wait_ms = in.int32();
  min_bytes = in.int32();
  max_bytes = in.int32();
  isolation_level = in.int8();
  session_id = version >= 7 ? in.int32() : 0;
  session_epoch = version >= 7 ? in.int32() : -1;
  read_topics(in, version, flexible, *this);
  if (version >= 7) read_forgotten(in, version, flexible, *this);
  rack_id = version >= 11 ? in.string(flexible) : std::string_view{};
  if (flexible) {
    in.tagged_fields([&](uint32_t tag) {
      if (tag == 0) cluster_id = in.nullable_string(true, cluster_id_null);
      else if (tag == 1 && version >= 15) read_replica_state(in, *this);
      else return false;
      return true;
    });
  }
  return in.ok();
}

}  // namespace milena
