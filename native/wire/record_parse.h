// How records are taken apart, in the three ways Kafka does it. The visitor is a template argument, so that validation of an uncompressed
// batch is one loop without calls. `Visit` is bool(const RecordHead&); false stops the walk.
#pragma once
#include "base/varint.h"
#include "wire/batch.h"
#include "wire/record_stream.h"
#include "wire/record_walk.h"

namespace milena::record_parse {

// What a record's timestamp is: a batch with LogAppendTime overrides the records'.
class Timestamps {
 public:
  explicit Timestamps(const BatchInfo& info)
      : base_(static_cast<uint64_t>(info.base_timestamp)),
        fixed_(info.max_timestamp),
        log_append_time_(info.timestamp_type() == TimestampType::log_append_time) {}
  int64_t of(int64_t delta) const { return log_append_time_ ? fixed_ : static_cast<int64_t>(base_ + static_cast<uint64_t>(delta)); }

 private:
  uint64_t base_;  // unsigned: sums wrap as in Java
  int64_t fixed_;
  bool log_append_time_;
};

// Skips a field whose size comes first; a negative size means null and is left in `size`.
inline bool skip_sized(const std::byte*& at, const std::byte* end, int32_t& size) {
  if (read_varint(at, end, size) != VarintRead::ok || size > end - at) return false;
  if (size > 0) at += size;
  return true;
}

inline bool skip_headers(const std::byte*& at, const std::byte* end) {
  int32_t count = 0;
  if (read_varint(at, end, count) != VarintRead::ok || count < 0 || count > end - at) return false;
  for (; count > 0; count--) {
    int32_t size = 0;
    if (!skip_sized(at, end, size) || size < 0) return false;
    if (!skip_sized(at, end, size)) return false;
  }
  return true;
}

// Records in memory, every field held against the record's own length.
template <class Visit>
WalkEnd walk_plain(Bytes payload, const BatchInfo& info, Visit&& visit) {
  const Timestamps timestamps(info);
  const std::byte* at = payload.data();
  const std::byte* const payload_end = at + payload.size();
  RecordHead record;
  for (int32_t index = 0; index < info.count; index++) {
    int32_t size = 0;
    const VarintRead read = read_varint(at, payload_end, size);
    if (read == VarintRead::overlong) return WalkEnd::unreadable;  // escapes Kafka's checks as an unexpected exception
    if (read != VarintRead::ok || size < 1 || size > payload_end - at) return WalkEnd::structure;
    const std::byte* const end = at + size;
    int64_t timestamp_delta = 0;
    record.index = index;
    record.attributes = static_cast<int8_t>(*at++);
    if (read_varlong(at, end, timestamp_delta) != VarintRead::ok) return WalkEnd::structure;
    if (read_varint(at, end, record.offset_delta) != VarintRead::ok) return WalkEnd::structure;
    if (!skip_sized(at, end, record.key_size) || !skip_sized(at, end, record.value_size)) return WalkEnd::structure;
    if (!skip_headers(at, end) || at != end) return WalkEnd::structure;
    record.timestamp = timestamps.of(timestamp_delta);
    if (!visit(static_cast<const RecordHead&>(record))) return WalkEnd::stopped;
  }
  return at == payload_end ? WalkEnd::complete : WalkEnd::structure;
}

// The end of a walk that could not go on: the codec's fault or the records'.
inline WalkEnd failure(const RecordStream& in) { return in.failed() ? WalkEnd::unreadable : WalkEnd::structure; }

inline bool skip_sized(RecordStream& in, int32_t& size) {
  return in.varint(size) == VarintRead::ok && (size <= 0 || in.skip(static_cast<uint64_t>(size)));
}

inline bool skip_headers(RecordStream& in) {
  int32_t count = 0;
  if (in.varint(count) != VarintRead::ok || count < 0) return false;
  for (; count > 0; count--) {
    int32_t size = 0;
    if (!skip_sized(in, size) || size < 0) return false;
    if (!skip_sized(in, size)) return false;
  }
  return true;
}

inline WalkEnd expect_end(RecordStream& in) {
  if (!in.at_end()) return WalkEnd::structure;
  return in.failed() ? WalkEnd::unreadable : WalkEnd::complete;
}

// Records of a compressed batch that is kept as it is. Kafka reads over a record's length here without holding it against the fields.
template <class Visit>
WalkEnd walk_stream(RecordStream& in, const BatchInfo& info, Visit&& visit) {
  const Timestamps timestamps(info);
  RecordHead record;
  for (int32_t index = 0; index < info.count; index++) {
    int32_t size = 0;
    int64_t timestamp_delta = 0;
    record.index = index;
    if (in.varint(size) != VarintRead::ok || !in.byte(record.attributes)) return failure(in);
    if (in.varlong(timestamp_delta) != VarintRead::ok || in.varint(record.offset_delta) != VarintRead::ok) return failure(in);
    if (!skip_sized(in, record.key_size) || !skip_sized(in, record.value_size) || !skip_headers(in)) return failure(in);
    record.timestamp = timestamps.of(timestamp_delta);
    if (!visit(static_cast<const RecordHead&>(record))) return WalkEnd::stopped;
  }
  return expect_end(in);
}

// Records of a batch that is rewritten: lengths are held against the fields, and what follows the offset delta is given to `tail_sink`
// after `head(record, tail_size)`, where record has no sizes yet. `visit` gets the whole record afterwards.
template <class Head, class Visit>
WalkEnd walk_rewriting(RecordStream& in, const BatchInfo& info, ByteSink& tail_sink, Head&& head, Visit&& visit) {
  const Timestamps timestamps(info);
  for (int32_t index = 0; index < info.count; index++) {
    RecordHead record;
    int32_t size = 0;
    int64_t timestamp_delta = 0;
    const VarintRead read = in.varint(size);
    if (read == VarintRead::overlong && !info.compressed()) return WalkEnd::unreadable;  // as in walk_plain
    if (read != VarintRead::ok) return failure(in);
    const uint64_t begin = in.position();
    record.index = index;
    if (!in.byte(record.attributes)) return failure(in);
    if (in.varlong(timestamp_delta) != VarintRead::ok || in.varint(record.offset_delta) != VarintRead::ok) return failure(in);
    record.timestamp = timestamps.of(timestamp_delta);
    const int64_t tail_size = static_cast<int64_t>(size) - static_cast<int64_t>(in.position() - begin);
    if (tail_size <= 0) return WalkEnd::structure;
    head(static_cast<const RecordHead&>(record), static_cast<uint32_t>(tail_size));
    in.start_copying(tail_sink);
    const bool whole = skip_sized(in, record.key_size) && skip_sized(in, record.value_size) && skip_headers(in);
    in.stop_copying();
    if (!whole) return failure(in);
    if (in.position() - begin != static_cast<uint64_t>(size)) return WalkEnd::structure;
    if (!visit(static_cast<const RecordHead&>(record))) return WalkEnd::stopped;
  }
  return expect_end(in);
}

}  // namespace milena::record_parse
