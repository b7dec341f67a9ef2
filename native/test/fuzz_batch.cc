// Any bytes as the records of a produce request, under any rules. The first three bytes choose the rules; the CRC is put right, since no
// mutation would get past it.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "base/endian.h"
#include "wire/record_walk.h"
#include "wire/validate.h"

using namespace milena;

namespace {

constexpr int64_t now_ms = 1'000'500;

void require(bool condition) {
  if (!condition) std::abort();
}

ValidationRules rules_of(const uint8_t* data) {
  ValidationRules rules;
  rules.timestamp_type = static_cast<TimestampType>(data[0] & 1);
  rules.compacted = (data[0] & 2) != 0;
  rules.origin = (data[0] & 4) != 0 ? AppendOrigin::coordinator : AppendOrigin::client;
  rules.produce_version = static_cast<int16_t>(3 + data[1] % 11);
  if (const unsigned target = data[2] % 6; target < 5) rules.compression = static_cast<Compression>(target);
  rules.max_message_bytes = 1 << 16;
  return rules;
}

struct CountAll final : RecordVisitor {
  int32_t count = 0;
  bool visit(const RecordHead&) override {
    count++;
    return true;
  }
};

void accepted_batches_are_sound(const Validated& done, const ValidationRules& rules, bool append_time_claimed, CodecScratch& scratch) {
  require(done.batch.size() == done.info.size_bytes && batch_crc_matches(done.batch));
  const Result<BatchInfo> again = parse_batch_header(done.batch);
  require(again && again->crc == done.info.crc && again->max_timestamp == done.info.max_timestamp);
  CountAll all;
  require(walk_records(done.batch, done.info, scratch, all) == WalkEnd::complete && all.count == done.info.count);
  std::vector<std::byte> copy(done.batch.begin(), done.batch.end());
  // A LogAppendTime bit that the first pass set would be refused as the producer's; one that it cleared has hidden the records' timestamps.
  if (rules.timestamp_type == TimestampType::create_time && !append_time_claimed && rules.origin == AppendOrigin::client && rules.produce_version >= 7) {
    const Validated second = validate_produced(copy, rules, now_ms, scratch);
    require(second.ok() && second.rebuilt.empty() && std::equal(copy.begin(), copy.end(), done.batch.begin()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  static CodecScratch scratch;
  const ValidationRules rules = rules_of(data);
  std::vector<std::byte> records(size - 3);
  for (size_t i = 0; i < records.size(); i++) records[i] = static_cast<std::byte>(data[3 + i]);
  look_at_first_batch(records);
  if (records.size() >= batch_layout::header_size) {
    if ((data[0] & 0x10) != 0) store(records.data() + batch_layout::length, static_cast<int32_t>(records.size() - batch_layout::overhead));
    if (const Result<BatchInfo> info = parse_batch_header(records); info && info->size_bytes <= records.size()) {
      restore_crc(MutableBytes(records).first(info->size_bytes));
    }
  }
  const Result<BatchInfo> before = parse_batch_header(records);
  const bool append_time_claimed = before && before->timestamp_type() == TimestampType::log_append_time;
  const Validated done = validate_produced(records, rules, now_ms, scratch);
  if (!done.ok()) {
    require(done.refusals.empty() || !done.message.empty());
    return done.error == KafkaError::corrupt_message ? 0 : 1;
  }
  accepted_batches_are_sound(done, rules, append_time_claimed, scratch);
  return 1;
}
