// Validation of what a producer sent for one partition, exactly as Apache Kafka 4.3.1 does it.
// Everything a broker decides without knowing the partition's log happens here; sequences, epochs and offsets are the log's.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "base/kafka_error.h"
#include "base/types.h"
#include "wire/batch.h"
#include "wire/codec.h"

namespace milena {

// Who appends. Coordinators may write control batches and are not bound by the sequence rule.
enum class AppendOrigin : uint8_t { client, coordinator };

struct ValidationRules {
  TimestampType timestamp_type = TimestampType::create_time;
  int64_t timestamp_before_max_ms = INT64_MAX;  // message.timestamp.before.max.ms
  int64_t timestamp_after_max_ms = 3'600'000;   // message.timestamp.after.max.ms
  std::optional<Compression> compression;       // compression.type; nullopt: "producer"
  CompressionLevels levels;
  int32_t max_message_bytes = 1'048'588;        // max.message.bytes
  bool compacted = false;                       // cleanup.policy holds "compact"
  int16_t produce_version = 13;                 // of the request; zstd needs 7
  AppendOrigin origin = AppendOrigin::client;
};

// More refused records than this are not listed (Kafka lists all of them, however many a compressed batch holds).
inline constexpr size_t record_refusals_max = 10'000;

// One refused record (Produce v8+, KIP-467).
struct RecordRefusal {
  int32_t index = 0;  // of the record in its batch
  std::string_view message;
};

struct Validated {
  KafkaError error = KafkaError::none;
  std::string_view message;            // static text for the answer; like Kafka only when single records are refused
  bool with_log_start = false;         // with an error: whether Kafka's answer carries the log start offset, else -1
  std::vector<RecordRefusal> refusals; // only with INVALID_RECORD and INVALID_TIMESTAMP, when single records are at fault
  MutableBytes batch;                  // what to append: inside of the input, or inside of `rebuilt`
  std::vector<std::byte> rebuilt;      // empty unless the batch had to be written anew
  BatchInfo info;                      // header of `batch`; base_offset is 0 until it is stamped
  bool ok() const { return error == KafkaError::none; }
  // For the time index: the batch's greatest timestamp belongs to its last offset (Kafka 4.x).
  int64_t max_timestamp() const { return info.max_timestamp; }
};

// Before anything else Kafka looks at the first batch of every partition of a request: `corrupt` fails the whole request with
// CORRUPT_MESSAGE, a transactional one needs a transactional id (else TRANSACTIONAL_ID_AUTHORIZATION_FAILED for the whole request).
struct FirstBatch {
  bool corrupt = false;
  bool transactional = false;
};
FirstBatch look_at_first_batch(Bytes records);

// What Kafka demands of a partition's records before it looks at acks and at the topic: exactly one batch of magic 2, zstd from version 7 on.
KafkaError framing_error(Bytes records, int16_t produce_version);

// `records` are the bytes a Produce request carries for one partition. May change them in place (timestamps, attributes, CRC).
// Never allocates for an uncompressed batch that is accepted as it is. `now_ms` is the broker's wall clock.
Validated validate_produced(MutableBytes records, const ValidationRules& rules, int64_t now_ms, CodecScratch& scratch);

}  // namespace milena
