// The header of a record batch (v2) as numbers, and its records as views. Nothing here allocates or decompresses.
#pragma once
#include <cstdint>

#include "base/status.h"
#include "base/types.h"
#include "wire/batch_layout.h"
#include "wire/compression.h"

namespace milena {

enum class TimestampType : uint8_t { create_time = 0, log_append_time = 1 };

inline constexpr int64_t no_timestamp = -1;
inline constexpr int64_t no_producer_id = -1;
inline constexpr int16_t no_producer_epoch = -1;
inline constexpr int32_t no_sequence = -1;

// Every field of the header, decoded once.
struct BatchInfo {
  int64_t base_offset = 0;
  uint32_t size_bytes = 0;  // the whole batch, header included
  int32_t leader_epoch = -1;
  uint32_t crc = 0;
  uint16_t attributes = 0;
  int32_t last_offset_delta = 0;
  int64_t base_timestamp = no_timestamp;
  int64_t max_timestamp = no_timestamp;
  int64_t producer_id = no_producer_id;
  int16_t producer_epoch = no_producer_epoch;
  int32_t base_sequence = no_sequence;
  int32_t count = 0;

  uint8_t compression_id() const { return attributes & batch_layout::compression_mask; }
  Compression compression() const { return static_cast<Compression>(compression_id()); }  // only when compression_id() <= compression_id_max
  bool compressed() const { return compression_id() != 0; }
  TimestampType timestamp_type() const {
    return (attributes & batch_layout::log_append_time_bit) != 0 ? TimestampType::log_append_time : TimestampType::create_time;
  }
  bool transactional() const { return (attributes & batch_layout::transactional_bit) != 0; }
  bool control() const { return (attributes & batch_layout::control_bit) != 0; }
  bool has_delete_horizon() const { return (attributes & batch_layout::delete_horizon_bit) != 0; }  // KIP-534: base_timestamp is the horizon
  bool has_producer_id() const { return producer_id > no_producer_id; }
  int64_t last_offset() const { return base_offset + last_offset_delta; }
  int64_t next_offset() const { return last_offset() + 1; }
  // Sequences wrap to 0 after the largest int32.
  int32_t last_sequence() const {
    if (base_sequence == no_sequence) return no_sequence;
    const int64_t last = static_cast<int64_t>(base_sequence) + last_offset_delta;
    return static_cast<int32_t>(last > INT32_MAX ? last - INT32_MAX - 1 : last);
  }
};

// Decodes the header at the start of `bytes`, which may hold less than the whole batch (a header read from a file) or more.
// out_of_range: fewer than header_size bytes. corrupt: magic is not 2 or the length is below a header's.
// Neither the CRC nor the records are looked at.
Result<BatchInfo> parse_batch_header(Bytes bytes);

// Whether the CRC of a whole batch (exactly size_bytes) is right.
bool batch_crc_matches(Bytes batch);

// Computes and stores the CRC, after attributes or timestamps were changed.
void restore_crc(MutableBytes batch);

// What the leader writes into a batch when it takes its place in the log. Both fields lie outside of the CRC.
void stamp_batch(MutableBytes batch, Offset base_offset, LeaderEpoch leader_epoch);

// One record of an uncompressed payload; spans point into it.
struct RecordView {
  int8_t attributes = 0;
  int64_t timestamp_delta = 0;
  int32_t offset_delta = 0;
  bool has_key = false;
  bool has_value = false;
  Bytes key;
  Bytes value;
  int32_t header_count = 0;
  Bytes headers;  // count not included; header_count times (key, value)
};

// Walks the records of an uncompressed payload (the bytes after the header).
//   RecordCursor at(payload); RecordView record; while (at.next(record)) ...; if (at.corrupt()) ...
class RecordCursor {
 public:
  explicit RecordCursor(Bytes payload) : at_(payload.data()), end_(payload.data() + payload.size()) {}
  // False at the end and at the first malformed record.
  bool next(RecordView& record);
  bool corrupt() const { return corrupt_; }

 private:
  bool read_body(RecordView& record, const std::byte* end);

  const std::byte* at_;
  const std::byte* end_;
  bool corrupt_ = false;
};

}  // namespace milena
