#include "wire/fetch_response.h"

#include "wire/frame.h"
#include "wire/writer.h"

namespace milena {

FetchResponseWriter::FetchResponseWriter(std::vector<std::byte>& out, std::vector<FetchPiece>& pieces, const Head& head)
    : out_(out), pieces_(pieces), version_(head.version), flexible_(head.version >= hot_api(api::fetch)->flexible_from) {
  out_.clear();
  pieces_.clear();
  begin_response(out_, *hot_api(api::fetch), version_, head.correlation_id);
  WireWriter to(out_);
  to.int32(head.throttle_ms);
  if (version_ >= 7) {
    to.int16(code_of(head.error));
    to.int32(head.session_id);
  }
  to.size(flexible_, head.topic_count);
}

void FetchResponseWriter::topic(std::string_view name, const Uuid& id, size_t partition_count) {
  end_topic();
  topic_open_ = true;
  WireWriter to(out_);
  if (version_ >= 13) to.uuid(id);
  else to.string(flexible_, name);
  to.size(flexible_, partition_count);
}

void FetchResponseWriter::partition(const FetchResult& result) {
  WireWriter to(out_);
  to.int32(result.index);
  to.int16(code_of(result.error));
  to.int64(result.high_watermark);
  to.int64(result.last_stable_offset);
  if (version_ >= 5) to.int64(result.log_start_offset);
  if (result.aborted_null) {
    if (flexible_) to.unsigned_varint(0);
    else to.int32(-1);
  } else {
    to.size(flexible_, result.aborted.size());
    for (const FetchAborted& aborted : result.aborted) {
      to.int64(aborted.producer_id);
      to.int64(aborted.first_offset);
      to.no_tagged_fields(flexible_);
    }
  }
  if (version_ >= 11) to.int32(result.preferred_read_replica);
  to.size(flexible_, result.records_size);
  if (result.records_size > 0) {
    close_bytes();
    pieces_.push_back({.is_records = true, .size = result.records_size, .offset = 0, .records_id = result.records_id});
    records_bytes_ += result.records_size;
  }
  if (flexible_) partition_tags(result);
}

void FetchResponseWriter::partition_tags(const FetchResult& result) {
  constexpr uint32_t epoch_and_offset_size = 4 + 8 + 1;  // the last byte: no tagged fields inside
  constexpr uint32_t leader_size = 4 + 4 + 1;
  const bool diverging = result.diverging_epoch != -1 || result.diverging_end_offset != -1;
  const bool leader = result.leader_id != -1 || result.leader_epoch != -1;
  const bool snapshot = result.snapshot_end_offset != -1 || result.snapshot_epoch != -1;
  WireWriter to(out_);
  to.unsigned_varint(uint32_t{diverging} + uint32_t{leader} + uint32_t{snapshot});
  if (diverging) {
    to.unsigned_varint(0);
    to.unsigned_varint(epoch_and_offset_size);
    to.int32(result.diverging_epoch);
    to.int64(result.diverging_end_offset);
    to.no_tagged_fields(true);
  }
  if (leader) {
    to.unsigned_varint(1);
    to.unsigned_varint(leader_size);
    to.int32(result.leader_id);
    to.int32(result.leader_epoch);
    to.no_tagged_fields(true);
  }
  if (snapshot) {
    to.unsigned_varint(2);
    to.unsigned_varint(epoch_and_offset_size);
    to.int64(result.snapshot_end_offset);
    to.int32(result.snapshot_epoch);
    to.no_tagged_fields(true);
  }
}

void FetchResponseWriter::finish(std::span<const NodeEndpoint> endpoints) {
  end_topic();
  if (flexible_) write_node_endpoints(out_, version_ >= 16 ? endpoints : std::span<const NodeEndpoint>{});
  close_bytes();
  end_response(out_, 0, records_bytes_);
}

void FetchResponseWriter::close_bytes() {
  if (out_.size() == bytes_begin_) return;
  pieces_.push_back({.is_records = false,
                     .size = static_cast<uint32_t>(out_.size() - bytes_begin_),
                     .offset = static_cast<uint32_t>(bytes_begin_),
                     .records_id = 0});
  bytes_begin_ = out_.size();
}

void FetchResponseWriter::end_topic() {
  if (topic_open_) WireWriter(out_).no_tagged_fields(flexible_);
  topic_open_ = false;
}

}  // namespace milena
