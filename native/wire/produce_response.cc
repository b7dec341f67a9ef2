#include "wire/produce_response.h"

#include "wire/frame.h"
#include "wire/writer.h"

namespace milena {

ProduceResponseWriter::ProduceResponseWriter(std::vector<std::byte>& out, int16_t version, int32_t correlation_id, size_t topic_count)
    : out_(out),
      version_(version),
      flexible_(version >= hot_api(api::produce)->flexible_from),
      begin_(begin_response(out, *hot_api(api::produce), version, correlation_id)) {
  WireWriter(out_).size(flexible_, topic_count);
}

void ProduceResponseWriter::topic(std::string_view name, const Uuid& id, size_t partition_count) {
  end_topic();
  topic_open_ = true;
  WireWriter to(out_);
  if (version_ >= 13) to.uuid(id);
  else to.string(flexible_, name);
  to.size(flexible_, partition_count);
}

void ProduceResponseWriter::partition(const ProduceResult& result) {
  WireWriter to(out_);
  to.int32(result.index);
  to.int16(code_of(result.error));
  to.int64(result.base_offset);
  to.int64(result.log_append_time_ms);
  if (version_ >= 5) to.int64(result.log_start_offset);
  if (version_ >= 8) refusals(result);
  if (!flexible_) return;
  if (version_ < 10 || (result.leader_id == -1 && result.leader_epoch == -1)) return to.unsigned_varint(0);
  to.unsigned_varint(1);
  to.unsigned_varint(0);  // tag 0: current leader, two int32 and no tagged fields of its own
  to.unsigned_varint(9);
  to.int32(result.leader_id);
  to.int32(result.leader_epoch);
  to.no_tagged_fields(true);
}

void ProduceResponseWriter::refusals(const ProduceResult& result) {
  WireWriter to(out_);
  to.size(flexible_, result.refusals.size());
  for (const RecordRefusal& refusal : result.refusals) {
    to.int32(refusal.index);
    to.string(flexible_, refusal.message);
    to.no_tagged_fields(flexible_);
  }
  if (result.message.empty()) to.null_string(flexible_);
  else to.string(flexible_, result.message);
}

void ProduceResponseWriter::finish(int32_t throttle_ms, std::span<const NodeEndpoint> endpoints) {
  end_topic();
  WireWriter(out_).int32(throttle_ms);
  if (flexible_) write_node_endpoints(out_, version_ >= 10 ? endpoints : std::span<const NodeEndpoint>{});
  end_response(out_, begin_);
}

void ProduceResponseWriter::end_topic() {
  if (topic_open_) WireWriter(out_).no_tagged_fields(flexible_);
  topic_open_ = false;
}

}  // namespace milena
