#include "wire/produce_request.h"

#include "wire/frame.h"
#include "wire/reader.h"

namespace milena {

bool ProduceRequest::parse(MutableBytes body, int16_t version) {
  const bool flexible = version >= hot_api(api::produce)->flexible_from;
  WireReader in(body);
  topics.clear();
  partitions.clear();
  transactional_id = in.nullable_string(flexible, transactional_id_null);
  acks = in.int16();
  timeout_ms = in.int32();
  for (uint32_t t = in.array_size(flexible); t > 0 && in.ok(); t--) {
    ProduceTopic topic;
    if (version >= 13) topic.id = in.uuid();
    else topic.name = in.string(flexible);
    topic.partitions_begin = static_cast<uint32_t>(partitions.size());
    for (uint32_t p = in.array_size(flexible); p > 0 && in.ok(); p--) {
      ProducePartition partition;
      partition.topic = static_cast<uint32_t>(topics.size());
      partition.index = in.int32();
      const Bytes records = in.nullable_bytes(flexible, partition.records_null);
      if (!records.empty()) partition.records = body.subspan(static_cast<size_t>(records.data() - body.data()), records.size());
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

}  // namespace milena
