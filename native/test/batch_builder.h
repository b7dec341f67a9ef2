// Makes record batches with every knob, right or wrong, for the native tests.
#pragma once
#include <cstring>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/endian.h"
#include "base/varint.h"
#include "wire/batch.h"
#include "wire/codec.h"

namespace milena::test {

using Buffer = std::vector<std::byte>;

inline void append(Buffer& to, std::string_view text) {
  const auto* from = reinterpret_cast<const std::byte*>(text.data());
  to.insert(to.end(), from, from + text.size());
}

inline void append_varint(Buffer& to, int64_t value) {
  std::byte raw[varlong_bytes_max] = {};
  const std::byte* end = write_varlong(raw, value);
  for (const std::byte* at = raw; at != end; at++) to.push_back(*at);
}

inline void append_sized(Buffer& to, const std::optional<std::string>& text) {
  append_varint(to, text ? static_cast<int64_t>(text->size()) : -1);
  if (text) append(to, *text);
}

struct TestRecord {
  int64_t timestamp_delta = 0;
  std::optional<int32_t> offset_delta;  // its index unless given
  std::optional<std::string> key = "k";
  std::optional<std::string> value = "v";
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  std::optional<int32_t> declared_size;  // the right one unless given
};

inline Buffer encode_records(const std::vector<TestRecord>& records) {
  Buffer out;
  for (size_t i = 0; i < records.size(); i++) {
    const TestRecord& record = records[i];
    Buffer body;
    body.push_back(std::byte{0});
    append_varint(body, record.timestamp_delta);
    append_varint(body, record.offset_delta.value_or(static_cast<int32_t>(i)));
    append_sized(body, record.key);
    append_sized(body, record.value);
    append_varint(body, static_cast<int64_t>(record.headers.size()));
    for (const auto& [key, value] : record.headers) {
      append_sized(body, key);
      append_sized(body, value);
    }
    append_varint(out, record.declared_size.value_or(static_cast<int32_t>(body.size())));
    out.insert(out.end(), body.begin(), body.end());
  }
  return out;
}

inline Buffer compressed(Compression codec, Bytes plain, int32_t level = 3) {
  if (codec == Compression::none) return {plain.begin(), plain.end()};
  CodecScratch scratch;
  Buffer out;
  Compressor& compressor = scratch.compressor(codec);
  compressor.start(level, out);
  compressor.write(plain);
  compressor.finish();
  return out;
}

struct BatchSpec {
  std::vector<TestRecord> records = {{}};
  Compression codec = Compression::none;
  std::optional<Buffer> payload;  // instead of the encoded records
  uint16_t attributes = 0;        // besides the codec
  int64_t base_offset = 0;
  int64_t base_timestamp = 1'000'000;
  std::optional<int64_t> max_timestamp;  // the right one unless given
  std::optional<int32_t> count;
  std::optional<int32_t> last_offset_delta;
  int64_t producer_id = no_producer_id;
  int16_t producer_epoch = no_producer_epoch;
  int32_t base_sequence = no_sequence;
  int8_t magic = 2;
};

// The end of a transaction, as its coordinator writes it.
inline BatchSpec marker(int64_t producer_id, bool abort, int32_t coordinator_epoch = 0) {
  BatchSpec spec;
  spec.producer_id = producer_id;
  spec.producer_epoch = 0;
  spec.attributes = batch_layout::transactional_bit | batch_layout::control_bit;
  spec.records[0].key = std::string("\0\0\0", 3) + (abort ? '\0' : '\1');
  std::string value(6, '\0');
  store<int32_t>(reinterpret_cast<std::byte*>(value.data() + 2), coordinator_epoch);
  spec.records[0].value = value;
  return spec;
}

inline Buffer build_batch(const BatchSpec& spec) {
  namespace layout = batch_layout;
  const Buffer payload = spec.payload.value_or(compressed(spec.codec, encode_records(spec.records)));
  int64_t max_timestamp = no_timestamp;
  for (const TestRecord& record : spec.records) max_timestamp = std::max(max_timestamp, spec.base_timestamp + record.timestamp_delta);
  const auto count = static_cast<int32_t>(spec.records.size());

  Buffer out(layout::header_size);
  out.insert(out.end(), payload.begin(), payload.end());
  std::byte* to = out.data();
  store(to + layout::base_offset, spec.base_offset);
  store(to + layout::length, static_cast<int32_t>(out.size() - layout::overhead));
  store(to + layout::leader_epoch, int32_t{-1});
  store(to + layout::magic, spec.magic);
  store(to + layout::attributes, static_cast<uint16_t>(spec.attributes | static_cast<uint16_t>(spec.codec)));
  store(to + layout::last_offset_delta, spec.last_offset_delta.value_or(count - 1));
  store(to + layout::base_timestamp, spec.base_timestamp);
  store(to + layout::max_timestamp, spec.max_timestamp.value_or(max_timestamp));
  store(to + layout::producer_id, spec.producer_id);
  store(to + layout::producer_epoch, spec.producer_epoch);
  store(to + layout::base_sequence, spec.base_sequence);
  store(to + layout::record_count, spec.count.value_or(count));
  restore_crc(out);
  return out;
}

// Text that compresses about as well as what people send.
inline std::string sample_text(std::mt19937_64& random, size_t size) {
  static constexpr const char* words[] = {"offset ", "partition ", "leader ", "epoch ", "{\"id\": ", "\"name\": ", "true, ", "1730000000000 "};
  std::string text;
  while (text.size() < size) {
    if (random() % 4 == 0) text += std::to_string(random());
    else text += words[random() % std::size(words)];
  }
  text.resize(size);
  return text;
}

}  // namespace milena::test
