// Requests of the hot APIs in one plain version each, and the few fields of their answers the tests look at.
#pragma once
#include <string>
#include <vector>

#include "test/batch_builder.h"
#include "test/check.h"
#include "wire/reader.h"
#include "wire/writer.h"

namespace milena::test {

inline void put_header(WireWriter& to, int16_t key, int16_t version, int32_t correlation_id) {
  to.int16(key);
  to.int16(version);
  to.int32(correlation_id);
  to.string(false, "test");
}

struct ProducePart {
  std::string topic;
  Buffer records;
  int32_t partition = 0;
};

// Produce v7.
inline Buffer produce_request(int32_t correlation_id, const std::vector<ProducePart>& parts, int16_t acks = -1, int32_t timeout_ms = 60'000) {
  Buffer out;
  WireWriter to(out);
  put_header(to, 0, 7, correlation_id);
  to.null_string(false);
  to.int16(acks);
  to.int32(timeout_ms);
  to.size(false, parts.size());
  for (const ProducePart& part : parts) {
    to.string(false, part.topic);
    to.size(false, 1);
    to.int32(part.partition);
    to.size(false, part.records.size());
    out.insert(out.end(), part.records.begin(), part.records.end());
  }
  return out;
}

inline Buffer produce_one(int32_t correlation_id, const std::string& topic, int16_t acks = -1, size_t value_bytes = 1) {
  BatchSpec spec;
  spec.records[0].value = std::string(value_bytes, 'x');
  return produce_request(correlation_id, {{topic, build_batch(spec)}}, acks);
}

struct ProduceAnswer {
  int32_t correlation_id = 0;
  struct Part {
    int16_t error;
    int64_t base_offset;
    int64_t log_start;
  };
  std::vector<Part> parts;
};

inline ProduceAnswer read_produce(const Buffer& frame) {
  ProduceAnswer answer;
  WireReader from(frame);
  answer.correlation_id = from.int32();
  for (uint32_t topics = from.array_size(false); topics > 0; topics--) {
    from.string(false);
    for (uint32_t parts = from.array_size(false); parts > 0; parts--) {
      from.int32();
      ProduceAnswer::Part part{};
      part.error = from.int16();
      part.base_offset = from.int64();
      from.int64();
      part.log_start = from.int64();
      answer.parts.push_back(part);
    }
  }
  from.int32();
  REQUIRE(from.ok() && from.left() == 0);
  return answer;
}

struct FetchPart {
  std::string topic;
  int64_t offset = 0;
  int32_t bytes_max = 1 << 20;
  int32_t epoch = -1;
};
struct FetchKnobs {
  int32_t wait_ms = 0;
  int32_t bytes_min = 1;
  int32_t bytes_max = INT32_MAX;
  int8_t isolation = 0;
  int32_t session_id = 0;
  int32_t session_epoch = -1;
  std::vector<std::string> forget;
};

// Fetch v11.
inline Buffer fetch_request(int32_t correlation_id, const std::vector<FetchPart>& parts, const FetchKnobs& knobs = {}) {
  Buffer out;
  WireWriter to(out);
  put_header(to, 1, 11, correlation_id);
  to.int32(-1);
  to.int32(knobs.wait_ms);
  to.int32(knobs.bytes_min);
  to.int32(knobs.bytes_max);
  to.int8(knobs.isolation);
  to.int32(knobs.session_id);
  to.int32(knobs.session_epoch);
  to.size(false, parts.size());
  for (const FetchPart& part : parts) {
    to.string(false, part.topic);
    to.size(false, 1);
    to.int32(0);
    to.int32(part.epoch);
    to.int64(part.offset);
    to.int64(-1);
    to.int32(part.bytes_max);
  }
  to.size(false, knobs.forget.size());
  for (const std::string& topic : knobs.forget) {
    to.string(false, topic);
    to.size(false, 1);
    to.int32(0);
  }
  to.string(false, "");
  return out;
}

struct FetchAnswer {
  int32_t correlation_id = 0;
  int16_t error = 0;
  int32_t session_id = 0;
  struct Part {
    std::string topic;
    int16_t error = 0;
    int64_t high_watermark = 0;
    int64_t last_stable = 0;
    int64_t log_start = 0;
    int32_t aborted = 0;  // -1: null
    Buffer records;
  };
  std::vector<Part> parts;
};

inline FetchAnswer read_fetch(const Buffer& frame) {
  FetchAnswer answer;
  WireReader from(frame);
  answer.correlation_id = from.int32();
  from.int32();
  answer.error = from.int16();
  answer.session_id = from.int32();
  for (uint32_t topics = from.array_size(false); topics > 0; topics--) {
    const std::string topic(from.string(false));
    for (uint32_t parts = from.array_size(false); parts > 0; parts--) {
      FetchAnswer::Part part;
      part.topic = topic;
      from.int32();
      part.error = from.int16();
      part.high_watermark = from.int64();
      part.last_stable = from.int64();
      part.log_start = from.int64();
      part.aborted = from.int32();
      for (int32_t i = 0; i < part.aborted; i++) from.int64(), from.int64();
      from.int32();
      bool null = false;
      const Bytes records = from.nullable_bytes(false, null);
      part.records.assign(records.begin(), records.end());
      answer.parts.push_back(std::move(part));
    }
  }
  REQUIRE(from.ok() && from.left() == 0);
  return answer;
}

// ListOffsets v5, one partition.
inline Buffer list_offsets_request(int32_t correlation_id, const std::string& topic, int64_t timestamp, int8_t isolation = 0, int32_t epoch = -1) {
  Buffer out;
  WireWriter to(out);
  put_header(to, 2, 5, correlation_id);
  to.int32(-1);
  to.int8(isolation);
  to.size(false, 1);
  to.string(false, topic);
  to.size(false, 1);
  to.int32(0);
  to.int32(epoch);
  to.int64(timestamp);
  return out;
}

struct ListOffsetsAnswer {
  int32_t correlation_id = 0;
  int16_t error = 0;
  int64_t timestamp = 0;
  int64_t offset = 0;
  int32_t epoch = 0;
};

inline ListOffsetsAnswer read_list_offsets(const Buffer& frame) {
  ListOffsetsAnswer answer;
  WireReader from(frame);
  answer.correlation_id = from.int32();
  from.int32();
  from.array_size(false);
  from.string(false);
  from.array_size(false);
  from.int32();
  answer.error = from.int16();
  answer.timestamp = from.int64();
  answer.offset = from.int64();
  answer.epoch = from.int32();
  REQUIRE(from.ok() && from.left() == 0);
  return answer;
}

// OffsetForLeaderEpoch v3, one partition.
inline Buffer leader_epoch_request(int32_t correlation_id, const std::string& topic, int32_t current_epoch, int32_t epoch) {
  Buffer out;
  WireWriter to(out);
  put_header(to, 23, 3, correlation_id);
  to.int32(-1);
  to.size(false, 1);
  to.string(false, topic);
  to.size(false, 1);
  to.int32(0);
  to.int32(current_epoch);
  to.int32(epoch);
  return out;
}

// Anything main answers: a header and nothing else.
inline Buffer main_request(int32_t correlation_id, int16_t key = 18, size_t body_bytes = 0) {
  Buffer out;
  WireWriter to(out);
  put_header(to, key, 0, correlation_id);
  out.resize(out.size() + body_bytes);
  return out;
}

}  // namespace milena::test
