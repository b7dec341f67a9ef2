// Validation of produced batches: the rows of what Apache Kafka 4.3.1 was seen to answer, for plain and compressed batches.
#include "wire/validate.h"

#include "test/batch_builder.h"
#include "test/check.h"
#include "wire/record_walk.h"

using namespace milena;
using namespace milena::test;

namespace {

constexpr int64_t now_ms = 1'000'500;
constexpr int64_t hour_ms = 3'600'000;
constexpr Compression codecs[] = {Compression::gzip, Compression::snappy, Compression::lz4, Compression::zstd};

Validated run(Buffer& records, const ValidationRules& rules = {}) {
  static CodecScratch scratch;
  return validate_produced(records, rules, now_ms, scratch);
}

KafkaError error_of(const BatchSpec& spec, const ValidationRules& rules = {}) {
  Buffer batch = build_batch(spec);
  return run(batch, rules).error;
}

std::vector<TestRecord> three_records() { return {{.timestamp_delta = 1}, {.timestamp_delta = 5}, {.timestamp_delta = 2}}; }

void good_batches_stay_as_they_are() {
  for (Compression codec : {Compression::none, Compression::gzip, Compression::snappy, Compression::lz4, Compression::zstd}) {
    Buffer batch = build_batch({.records = three_records(), .codec = codec, .attributes = 0x0180});
    const Buffer before = batch;
    const Validated done = run(batch);
    CHECK(done.ok() && done.rebuilt.empty() && batch == before);
    CHECK_EQ(done.batch.data(), batch.data());
    CHECK_EQ(done.batch.size(), batch.size());
    CHECK_EQ(done.info.count, 3);
    CHECK_EQ(done.max_timestamp(), 1'000'005);
  }
}

void framing() {
  Buffer none;
  CHECK_EQ(run(none).error, KafkaError::invalid_record);
  const Buffer one = build_batch({});
  Buffer two = one;
  two.insert(two.end(), one.begin(), one.end());
  CHECK_EQ(run(two).error, KafkaError::invalid_record);
  for (size_t extra : {size_t{1}, size_t{11}, size_t{16}, size_t{17}, one.size() - 1}) {
    Buffer half = one;
    half.insert(half.end(), one.begin(), one.begin() + static_cast<std::ptrdiff_t>(extra));
    const Validated done = run(half);
    CHECK(done.ok());
    CHECK_EQ(done.batch.size(), one.size());
  }
  for (size_t size : {size_t{5}, size_t{16}, one.size() - 1}) {
    Buffer part(one.begin(), one.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK_EQ(run(part).error, KafkaError::invalid_record);
  }
  CHECK_EQ(error_of({.magic = 1}), KafkaError::invalid_record);
  CHECK_EQ(error_of({.magic = 3}), KafkaError::corrupt_message);
  Buffer tiny = one;
  store(tiny.data() + batch_layout::length, int32_t{13});
  CHECK_EQ(run(tiny).error, KafkaError::corrupt_message);
  CHECK(look_at_first_batch(tiny).corrupt && !look_at_first_batch(one).corrupt);
  store(tiny.data() + batch_layout::length, int32_t{40});
  tiny.resize(52);
  CHECK_EQ(run(tiny).error, KafkaError::corrupt_message);
}

void headers() {
  CHECK_EQ(error_of({.base_offset = 5}), KafkaError::invalid_record);
  Buffer wrong_crc = build_batch({});
  wrong_crc.back() ^= std::byte{1};
  CHECK_EQ(run(wrong_crc).error, KafkaError::corrupt_message);
  BatchSpec large{.records = {{.value = std::string(1'100'000, 'x')}}};
  const Validated refused = [&] { Buffer batch = build_batch(large); return run(batch); }();
  CHECK_EQ(refused.error, KafkaError::message_too_large);
  CHECK(!refused.with_log_start);
  CHECK_EQ(error_of(large, {.max_message_bytes = 2'000'000}), KafkaError::none);
  CHECK_EQ(error_of({.attributes = 5}), KafkaError::unknown_server_error);
  CHECK_EQ(error_of({.attributes = batch_layout::control_bit}), KafkaError::invalid_record);
  CHECK_EQ(error_of({.producer_id = 9, .producer_epoch = 0, .base_sequence = -1}), KafkaError::invalid_record);
  CHECK_EQ(error_of({.producer_id = 9, .producer_epoch = 0, .base_sequence = 10}), KafkaError::none);
  CHECK_EQ(error_of({.producer_id = 9, .producer_epoch = -1, .base_sequence = 0}), KafkaError::none);  // the log's to refuse
  CHECK_EQ(error_of({.codec = Compression::zstd}, {.produce_version = 6}), KafkaError::unsupported_compression_type);
  CHECK_EQ(error_of({.codec = Compression::zstd}, {.produce_version = 7}), KafkaError::none);
  CHECK_EQ(framing_error(build_batch({.codec = Compression::zstd}), 6), KafkaError::unsupported_compression_type);
  CHECK_EQ(framing_error(build_batch({.codec = Compression::zstd, .base_offset = 5}), 7), KafkaError::none);  // the partition's to refuse
  CHECK(look_at_first_batch(build_batch({.attributes = batch_layout::transactional_bit})).transactional);
}

void counts() {
  for (Compression codec : {Compression::none, Compression::gzip, Compression::zstd}) {
    CHECK_EQ(error_of({.records = three_records(), .codec = codec, .last_offset_delta = 3}), KafkaError::invalid_record);
    CHECK_EQ(error_of({.records = three_records(), .codec = codec, .count = 4, .last_offset_delta = 3}), KafkaError::invalid_record);
    CHECK_EQ(error_of({.records = three_records(), .codec = codec, .count = 2, .last_offset_delta = 1}), KafkaError::invalid_record);
    CHECK_EQ(error_of({.records = three_records(), .codec = codec, .count = 0, .last_offset_delta = -1}), KafkaError::invalid_record);
    CHECK_EQ(error_of({.records = three_records(), .codec = codec, .count = -3, .last_offset_delta = -4}), KafkaError::invalid_record);
  }
}

void payloads() {
  const Buffer garbage(40, std::byte{0x5a});
  for (Compression codec : codecs) {
    CHECK_EQ(error_of({.codec = codec, .payload = garbage}), KafkaError::unknown_server_error);
    Buffer cut = compressed(codec, encode_records(three_records()));
    cut.pop_back();
    const KafkaError error = error_of({.records = three_records(), .codec = codec, .payload = cut});
    CHECK_EQ(error, KafkaError::unknown_server_error);
  }
  CHECK_EQ(error_of({.payload = garbage}), KafkaError::invalid_record);
  CHECK_EQ(error_of({.payload = Buffer(6, std::byte{0xff})}), KafkaError::unknown_server_error);  // an endless length
  const std::vector<TestRecord> gap = {{.offset_delta = 0}, {.offset_delta = 2}, {.offset_delta = 3}};
  CHECK_EQ(error_of({.records = gap}), KafkaError::none);
  for (Compression codec : codecs) CHECK_EQ(error_of({.records = gap, .codec = codec}), KafkaError::unknown_server_error);
  CHECK_EQ(error_of({.records = {{.declared_size = 3}}}), KafkaError::invalid_record);
  CHECK_EQ(error_of({.records = {{.declared_size = 3}}, .codec = Compression::lz4}), KafkaError::none);  // Kafka does not look
  Buffer trailing = encode_records({{}});
  trailing.push_back(std::byte{0});
  CHECK_EQ(error_of({.payload = trailing}), KafkaError::invalid_record);
  CHECK_EQ(error_of({.codec = Compression::lz4, .payload = compressed(Compression::lz4, trailing)}), KafkaError::invalid_record);
}

void keys_on_compacted_topics() {
  for (Compression codec : {Compression::none, Compression::gzip, Compression::snappy}) {
    Buffer batch = build_batch({.records = {{}, {.key = std::nullopt}, {}, {.key = std::nullopt}}, .codec = codec});
    const Validated done = run(batch, {.compacted = true});
    CHECK_EQ(done.error, KafkaError::invalid_record);
    REQUIRE(done.refusals.size() == 2);
    CHECK_EQ(done.refusals[0].index, 1);
    CHECK_EQ(done.refusals[1].index, 3);
    CHECK(!done.message.empty() && !done.refusals[0].message.empty() && done.with_log_start);
    CHECK_EQ(error_of({.records = {{}, {.key = ""}}, .codec = codec}, {.compacted = true}), KafkaError::none);
  }
}

void timestamp_windows() {
  for (Compression codec : {Compression::none, Compression::gzip}) {
    Buffer batch = build_batch({.records = {{}, {.timestamp_delta = 2 * hour_ms}}, .codec = codec, .max_timestamp = now_ms});
    const Validated done = run(batch);
    CHECK_EQ(done.error, KafkaError::invalid_timestamp);
    REQUIRE(done.refusals.size() == 1);
    CHECK_EQ(done.refusals[0].index, 1);
    const BatchSpec old{.records = {{}}, .codec = codec, .base_timestamp = now_ms - 1'000};
    CHECK_EQ(error_of(old, {.timestamp_before_max_ms = 999}), KafkaError::invalid_timestamp);
    CHECK_EQ(error_of(old, {.timestamp_before_max_ms = 1'000}), KafkaError::none);
    const BatchSpec ahead{.records = {{}}, .codec = codec, .base_timestamp = now_ms + 1'000};
    CHECK_EQ(error_of(ahead, {.timestamp_after_max_ms = 999}), KafkaError::invalid_timestamp);
    CHECK_EQ(error_of(ahead, {.timestamp_after_max_ms = 1'000}), KafkaError::none);
    CHECK_EQ(error_of({.codec = codec, .base_timestamp = -1}, {.timestamp_before_max_ms = 0}), KafkaError::none);  // none was given
    CHECK_EQ(error_of({.codec = codec, .base_timestamp = INT64_MIN}), KafkaError::invalid_timestamp);
    // A wrong timestamp names the error even when keys are missing too.
    CHECK_EQ(error_of({.records = {{.key = std::nullopt}, {.timestamp_delta = 2 * hour_ms}}, .codec = codec}, {.compacted = true}),
             KafkaError::invalid_timestamp);
  }
}

void max_timestamp_is_corrected() {
  for (Compression codec : {Compression::none, Compression::gzip, Compression::lz4}) {
    for (int64_t claimed : {int64_t{-1}, int64_t{4'102'444'800'000}}) {
      Buffer batch = build_batch({.records = three_records(), .codec = codec, .max_timestamp = claimed});
      const Validated done = run(batch);
      CHECK(done.ok() && done.rebuilt.empty());
      CHECK_EQ(done.max_timestamp(), 1'000'005);
      CHECK(batch_crc_matches(done.batch));
      CHECK_EQ(parse_batch_header(batch)->max_timestamp, 1'000'005);
      CHECK_EQ(parse_batch_header(batch)->crc, done.info.crc);
    }
  }
}

void timestamp_types() {
  for (Compression codec : {Compression::none, Compression::zstd}) {
    // The client sets the LogAppendTime bit on a CreateTime topic: every record then has the header's timestamp.
    Buffer batch = build_batch({.records = three_records(), .codec = codec, .attributes = batch_layout::log_append_time_bit | 0x8000, .max_timestamp = now_ms});
    const Validated cleared = run(batch);
    CHECK(cleared.ok() && batch_crc_matches(batch));
    CHECK_EQ(parse_batch_header(batch)->attributes, static_cast<uint16_t>(codec));
    CHECK_EQ(cleared.max_timestamp(), now_ms);
    // A LogAppendTime topic stamps the batch and refuses producers that do it themselves.
    const ValidationRules append_time{.timestamp_type = TimestampType::log_append_time, .timestamp_before_max_ms = 0};
    Buffer stamped = build_batch({.records = three_records(), .codec = codec});
    const Validated done = run(stamped, append_time);
    CHECK(done.ok() && batch_crc_matches(stamped) && done.rebuilt.empty());
    CHECK(done.info.timestamp_type() == TimestampType::log_append_time);
    CHECK_EQ(parse_batch_header(stamped)->max_timestamp, now_ms);
    CHECK_EQ(parse_batch_header(stamped)->base_timestamp, 1'000'000);
    CHECK_EQ(error_of({.codec = codec, .attributes = batch_layout::log_append_time_bit}, append_time), KafkaError::invalid_timestamp);
  }
}

struct Rewritten {
  std::vector<RecordHead> heads;
  bool complete = false;
};

Rewritten walk(const Validated& done) {
  struct Collect final : RecordVisitor {
    std::vector<RecordHead> seen;
    bool visit(const RecordHead& record) override {
      seen.push_back(record);
      return true;
    }
  } all;
  CodecScratch scratch;
  const WalkEnd end = walk_records(done.batch, done.info, scratch, all);
  return {all.seen, end == WalkEnd::complete};
}

void recompression() {
  const std::vector<TestRecord> records = {{.timestamp_delta = 7, .offset_delta = 4, .headers = {{"h", "1"}}},
                                           {.timestamp_delta = 9, .offset_delta = 6, .key = std::nullopt, .value = std::string(90'000, 'a')},
                                           {.timestamp_delta = 8, .offset_delta = 9, .value = std::nullopt}};
  for (Compression source : {Compression::none, Compression::gzip, Compression::snappy, Compression::lz4, Compression::zstd}) {
    for (Compression target : {Compression::none, Compression::gzip, Compression::snappy, Compression::lz4, Compression::zstd}) {
      if (source == target) continue;
      Buffer batch = build_batch({.records = records, .codec = source, .attributes = batch_layout::transactional_bit, .last_offset_delta = 2,
                                  .producer_id = 3, .producer_epoch = 1, .base_sequence = 8});
      const Validated done = run(batch, {.compression = target});
      CHECK(done.ok() && !done.rebuilt.empty() && done.batch.data() == done.rebuilt.data());
      if (!done.ok()) continue;
      CHECK(done.info.compression() == target && done.info.transactional() && batch_crc_matches(done.batch));
      CHECK_EQ(done.info.base_timestamp, 1'000'007);
      CHECK_EQ(done.info.max_timestamp, 1'000'009);
      CHECK_EQ(done.info.count, 3);
      CHECK_EQ(done.info.last_offset_delta, 2);
      CHECK(done.info.producer_id == 3 && done.info.producer_epoch == 1 && done.info.base_sequence == 8);
      const Rewritten seen = walk(done);
      REQUIRE(seen.complete && seen.heads.size() == 3);
      for (int32_t i = 0; i < 3; i++) CHECK_EQ(seen.heads[static_cast<size_t>(i)].offset_delta, i);
      CHECK_EQ(seen.heads[1].timestamp, 1'000'009);
      CHECK(seen.heads[1].key_size == -1 && seen.heads[1].value_size == 90'000 && seen.heads[2].value_size == -1);
    }
  }
}

void recompressed_bytes() {
  // From any codec to none the records are what encoding them anew gives, timestamps counted from the first.
  Buffer batch = build_batch({.records = {{.timestamp_delta = 7, .headers = {{"h", "1"}}}, {.timestamp_delta = 4}}, .codec = Compression::zstd});
  const Validated done = run(batch, {.compression = Compression::none});
  REQUIRE(done.ok());
  const Buffer wanted = build_batch({.records = {{.headers = {{"h", "1"}}}, {.timestamp_delta = -3}}, .base_timestamp = 1'000'007});
  CHECK(done.rebuilt == wanted);
}

void recompression_refusals() {
  const ValidationRules to_gzip{.compression = Compression::gzip};
  CHECK_EQ(error_of({.records = {{.declared_size = 3}}}, to_gzip), KafkaError::invalid_record);
  CHECK_EQ(error_of({.records = {{.declared_size = 300}}, .codec = Compression::lz4}, to_gzip), KafkaError::invalid_record);
  CHECK_EQ(error_of({.records = {{.declared_size = -9}}, .codec = Compression::lz4}, to_gzip), KafkaError::invalid_record);
  CHECK_EQ(error_of({.records = three_records(), .codec = Compression::lz4, .count = 4, .last_offset_delta = 3}, to_gzip), KafkaError::invalid_record);
  CHECK_EQ(error_of({.base_timestamp = -5}), KafkaError::none);
  CHECK_EQ(error_of({.base_timestamp = -5}, to_gzip), KafkaError::unknown_server_error);
  CHECK_EQ(error_of({.records = {{.key = std::nullopt}}}, {.compression = Compression::gzip, .compacted = true}), KafkaError::invalid_record);
  // 8 MB that fit into a small batch only while they are compressed.
  const BatchSpec bomb{.records = {{.value = std::string(8'000'000, 'x')}}, .codec = Compression::zstd};
  CHECK_EQ(error_of(bomb), KafkaError::none);
  CHECK_EQ(error_of(bomb, {.compression = Compression::none}), KafkaError::message_too_large);
}

void coordinators() {
  const BatchSpec marker{.attributes = batch_layout::control_bit | batch_layout::transactional_bit, .producer_id = 4, .producer_epoch = 2};
  CHECK_EQ(error_of(marker, {.origin = AppendOrigin::coordinator}), KafkaError::none);
  CHECK_EQ(error_of(marker, {.compression = Compression::zstd, .origin = AppendOrigin::coordinator}), KafkaError::none);
}

void refusals_are_limited() {
  BatchSpec spec{.records = {}, .codec = Compression::zstd};
  for (size_t i = 0; i < record_refusals_max + 50; i++) spec.records.push_back({.key = std::nullopt, .value = std::nullopt});
  Buffer batch = build_batch(spec);
  CHECK_EQ(run(batch, {.compacted = true}).refusals.size(), record_refusals_max);
}

}  // namespace

int main() {
  good_batches_stay_as_they_are();
  framing();
  headers();
  counts();
  payloads();
  keys_on_compacted_topics();
  timestamp_windows();
  max_timestamp_is_corrected();
  timestamp_types();
  recompression();
  recompressed_bytes();
  recompression_refusals();
  coordinators();
  refusals_are_limited();
  return check_result();
}
