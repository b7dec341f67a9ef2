#include "wire/batch.h"

#include <cassert>

#include "base/crc32c.h"
#include "base/endian.h"
#include "base/varint.h"

namespace milena {

namespace {

Bytes checksummed(Bytes batch) { return batch.subspan(batch_layout::attributes); }

// A length prefix and as many bytes; null when negative.
bool read_sized(const std::byte*& at, const std::byte* end, bool& present, Bytes& out) {
  int32_t size = 0;
  if (read_varint(at, end, size) != VarintRead::ok || size > end - at) return false;
  present = size >= 0;
  out = present ? Bytes{at, static_cast<size_t>(size)} : Bytes{};
  if (present) at += size;
  return true;
}

}  // namespace

Result<BatchInfo> parse_batch_header(Bytes bytes) {
  namespace layout = batch_layout;
  if (bytes.size() < layout::header_size) return Status{Errc::out_of_range};
  const std::byte* from = bytes.data();
  const auto length = load<int32_t>(from + layout::length);
  if (load<int8_t>(from + layout::magic) != layout::magic_v2) return Status{Errc::corrupt};
  if (length < static_cast<int32_t>(layout::header_size - layout::overhead)) return Status{Errc::corrupt};

  BatchInfo info;
  info.base_offset = load<int64_t>(from + layout::base_offset);
  info.size_bytes = static_cast<uint32_t>(length) + static_cast<uint32_t>(layout::overhead);
  info.leader_epoch = load<int32_t>(from + layout::leader_epoch);
  info.crc = load<uint32_t>(from + layout::crc);
  info.attributes = load<uint16_t>(from + layout::attributes);
  info.last_offset_delta = load<int32_t>(from + layout::last_offset_delta);
  info.base_timestamp = load<int64_t>(from + layout::base_timestamp);
  info.max_timestamp = load<int64_t>(from + layout::max_timestamp);
  info.producer_id = load<int64_t>(from + layout::producer_id);
  info.producer_epoch = load<int16_t>(from + layout::producer_epoch);
  info.base_sequence = load<int32_t>(from + layout::base_sequence);
  info.count = load<int32_t>(from + layout::record_count);
  return info;
}

bool batch_crc_matches(Bytes batch) {
  assert(batch.size() >= batch_layout::header_size);
  return load<uint32_t>(batch.data() + batch_layout::crc) == crc32c(checksummed(batch));
}

void restore_crc(MutableBytes batch) {
  assert(batch.size() >= batch_layout::header_size);
  store(batch.data() + batch_layout::crc, crc32c(checksummed(batch)));
}

void stamp_batch(MutableBytes batch, Offset base_offset, LeaderEpoch leader_epoch) {
  assert(batch.size() >= batch_layout::header_size);
  store(batch.data() + batch_layout::base_offset, base_offset.value);
  store(batch.data() + batch_layout::leader_epoch, leader_epoch.value);
}

bool RecordCursor::next(RecordView& record) {
  if (corrupt_ || at_ == end_) return false;
  int32_t size = 0;
  corrupt_ = read_varint(at_, end_, size) != VarintRead::ok || size < 0 || size > end_ - at_;
  if (corrupt_) return false;
  const std::byte* const end = at_ + size;
  corrupt_ = !read_body(record, end);
  at_ = end;
  return !corrupt_;
}

bool RecordCursor::read_body(RecordView& record, const std::byte* end) {
  if (at_ == end) return false;
  record.attributes = static_cast<int8_t>(*at_++);
  if (read_varlong(at_, end, record.timestamp_delta) != VarintRead::ok) return false;
  if (read_varint(at_, end, record.offset_delta) != VarintRead::ok) return false;
  if (!read_sized(at_, end, record.has_key, record.key)) return false;
  if (!read_sized(at_, end, record.has_value, record.value)) return false;
  if (read_varint(at_, end, record.header_count) != VarintRead::ok) return false;
  if (record.header_count < 0 || record.header_count > end - at_) return false;
  record.headers = Bytes{at_, end};
  for (int32_t i = 0; i < record.header_count; i++) {
    bool present = false;
    Bytes part;
    if (!read_sized(at_, end, present, part) || !present) return false;
    if (!read_sized(at_, end, present, part)) return false;
  }
  return at_ == end;
}

}  // namespace milena
