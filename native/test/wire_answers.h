// Answers of every hot API at every version, with arbitrary but repeatable values: a line "key version frame text" each.
#pragma once
#include <random>
#include <string>

#include "test/wire_text.h"
#include "wire/fetch_response.h"
#include "wire/frame.h"
#include "wire/leader_epoch.h"
#include "wire/list_offsets.h"
#include "wire/produce_response.h"

namespace milena::test {

inline constexpr int32_t answer_correlation_id = 0x01020304;
inline constexpr int answers_per_version = 3;

class Answers {
 public:
  std::string lines;

  void produce(int16_t version) {
    ProduceResponseWriter to(start(), version, answer_correlation_id, 2);
    text_.open('{');
    text_.open('[');
    for (int t = 0; t < 2; t++) {
      const Uuid id = version >= 13 ? uuid() : Uuid{};
      const std::string name = version >= 13 ? "" : string();
      const size_t partitions = below(3);
      to.topic(name, id, partitions);
      open_topic(name, &id);
      for (size_t p = 0; p < partitions; p++) produce_partition(to, version);
      text_.close(']');
      text_.close('}');
    }
    text_.close(']');
    const int32_t throttle_ms = int32();
    text_.number(throttle_ms);
    to.finish(throttle_ms, endpoints(version >= 10));
    text_.close('}');
    end(api::produce, version);
  }

  void fetch(int16_t version) {
    std::vector<FetchPiece> pieces;
    FetchResponseWriter::Head head{.version = version, .correlation_id = answer_correlation_id, .throttle_ms = int32(), .topic_count = 2};
    if (version >= 7) {
      head.error = static_cast<KafkaError>(below(100));
      head.session_id = int32();
    }
    FetchResponseWriter to(start(), pieces, head);
    text_.open('{');
    for (int64_t value : {head.throttle_ms, int32_t{code_of(head.error)}, head.session_id}) text_.number(value);
    text_.open('[');
    records_.clear();
    for (int t = 0; t < 2; t++) {
      const Uuid id = version >= 13 ? uuid() : Uuid{};
      const std::string name = version >= 13 ? "" : string();
      const size_t partitions = below(3);
      to.topic(name, id, partitions);
      open_topic(name, &id);
      for (size_t p = 0; p < partitions; p++) fetch_partition(to, version);
      text_.close(']');
      text_.close('}');
    }
    text_.close(']');
    to.finish(endpoints(version >= 16));
    text_.close('}');
    out_ = gathered(pieces);
    end(api::fetch, version);
  }

  void list_offsets(int16_t version) {
    const int32_t throttle_ms = version >= 2 ? int32() : 0;
    ListOffsetsResponseWriter to(start(), version, answer_correlation_id, throttle_ms, 2);
    text_.open('{');
    text_.number(throttle_ms);
    text_.open('[');
    for (int t = 0; t < 2; t++) {
      const std::string name = string();
      const size_t partitions = below(3);
      to.topic(name, partitions);
      open_topic(name, nullptr);
      for (size_t p = 0; p < partitions; p++) {
        const ListOffsetsResult result{.index = int32(), .error = error(), .timestamp = int64(), .offset = int64(), .leader_epoch = version >= 4 ? int32() : -1};
        to.partition(result);
        text_.open('{');
        for (int64_t value : {int64_t{result.index}, int64_t{code_of(result.error)}, result.timestamp, result.offset, int64_t{result.leader_epoch}}) text_.number(value);
        text_.close('}');
      }
      text_.close(']');
      text_.close('}');
    }
    to.finish();
    text_.close(']');
    text_.close('}');
    end(api::list_offsets, version);
  }

  void leader_epoch(int16_t version) {
    const int32_t throttle_ms = int32();
    LeaderEpochResponseWriter to(start(), version, answer_correlation_id, throttle_ms, 2);
    text_.open('{');
    text_.number(throttle_ms);
    text_.open('[');
    for (int t = 0; t < 2; t++) {
      const std::string name = string();
      const size_t partitions = below(3);
      to.topic(name, partitions);
      open_topic(name, nullptr);
      for (size_t p = 0; p < partitions; p++) {
        const LeaderEpochResult result{.error = error(), .index = int32(), .leader_epoch = int32(), .end_offset = int64()};
        to.partition(result);
        text_.open('{');
        for (int64_t value : {int64_t{code_of(result.error)}, int64_t{result.index}, int64_t{result.leader_epoch}, result.end_offset}) text_.number(value);
        text_.close('}');
      }
      text_.close(']');
      text_.close('}');
    }
    to.finish();
    text_.close(']');
    text_.close('}');
    end(api::offset_for_leader_epoch, version);
  }

 private:
  void produce_partition(ProduceResponseWriter& to, int16_t version) {
    std::vector<RecordRefusal> refusals;
    for (size_t i = version >= 8 ? below(3) : 0; i > 0; i--) refusals.push_back({int32(), "refused"});
    const std::string message = version >= 8 && below(2) == 0 ? "a message" : "";
    const bool leader = version >= 10 && below(2) == 0;
    const ProduceResult result{.index = int32(), .error = error(), .base_offset = int64(), .log_append_time_ms = int64(),
                               .log_start_offset = version >= 5 ? int64() : -1, .refusals = refusals, .message = message,
                               .leader_id = leader ? int32() : -1, .leader_epoch = leader ? int32() : -1};
    to.partition(result);
    text_.open('{');
    for (int64_t value : {int64_t{result.index}, int64_t{code_of(result.error)}, result.base_offset, result.log_append_time_ms, result.log_start_offset}) text_.number(value);
    text_.open('[');
    for (const RecordRefusal& refusal : refusals) {
      text_.open('{');
      text_.number(refusal.index);
      text_.string(refusal.message);
      text_.close('}');
    }
    text_.close(']');
    text_.nullable_string(message, message.empty());
    pair(result.leader_id, result.leader_epoch);
    text_.close('}');
  }

  void fetch_partition(FetchResponseWriter& to, int16_t version) {
    std::vector<FetchAborted> aborted;
    for (size_t i = below(3); i > 0; i--) aborted.push_back({int64(), int64()});
    const bool tags = version >= 12;
    FetchResult result{.index = int32(), .error = error(), .high_watermark = int64(), .last_stable_offset = int64(), .log_start_offset = version >= 5 ? int64() : -1,
                       .aborted_null = aborted.empty() && below(2) == 0, .aborted = aborted, .preferred_read_replica = version >= 11 ? int32() : -1,
                       .records_size = static_cast<uint32_t>(below(4)), .records_id = static_cast<uint32_t>(records_.size())};
    if (tags && below(2) == 0) result.diverging_epoch = int32(), result.diverging_end_offset = int64();
    if (tags && below(2) == 0) result.leader_id = int32(), result.leader_epoch = int32();
    if (tags && below(2) == 0) result.snapshot_end_offset = int64(), result.snapshot_epoch = int32();
    to.partition(result);
    records_.push_back(std::vector<std::byte>(result.records_size, static_cast<std::byte>(records_.size() + 1)));
    text_.open('{');
    for (int64_t value : {int64_t{result.index}, int64_t{code_of(result.error)}, result.high_watermark, result.last_stable_offset, result.log_start_offset}) text_.number(value);
    pair(result.diverging_epoch, result.diverging_end_offset);
    pair(result.leader_id, result.leader_epoch);
    pair(result.snapshot_end_offset, result.snapshot_epoch);
    if (result.aborted_null) {
      text_.null();
    } else {
      text_.open('[');
      for (const FetchAborted& one : aborted) pair(one.producer_id, one.first_offset);
      text_.close(']');
    }
    text_.number(result.preferred_read_replica);
    text_.bytes(records_.back(), false);
    text_.close('}');
  }

  std::span<const NodeEndpoint> endpoints(bool allowed) {
    endpoints_.clear();
    for (size_t i = allowed ? below(3) : 0; i > 0; i--) endpoints_.push_back({.node_id = int32(), .host = "host", .port = int32(), .rack = "rack", .rack_null = below(2) == 0});
    text_.open('[');
    for (const NodeEndpoint& endpoint : endpoints_) {
      text_.open('{');
      text_.number(endpoint.node_id);
      text_.string(endpoint.host);
      text_.number(endpoint.port);
      text_.nullable_string(endpoint.rack, endpoint.rack_null);
      text_.close('}');
    }
    text_.close(']');
    return endpoints_;
  }

  std::vector<std::byte> gathered(const std::vector<FetchPiece>& pieces) const {
    std::vector<std::byte> whole;
    for (const FetchPiece& piece : pieces) {
      const Bytes from = piece.is_records ? Bytes(records_[piece.records_id]) : Bytes(out_).subspan(piece.offset, piece.size);
      whole.insert(whole.end(), from.begin(), from.begin() + piece.size);
    }
    return whole;
  }

  void open_topic(const std::string& name, const Uuid* id) {
    text_.open('{');
    text_.string(name);
    if (id != nullptr) text_.uuid(*id);
    text_.open('[');
  }

  void pair(int64_t first, int64_t second) {
    text_.open('{');
    text_.number(first);
    text_.number(second);
    text_.close('}');
  }

  std::vector<std::byte>& start() {
    out_.clear();
    text_ = {};
    return out_;
  }

  void end(int16_t key, int16_t version) { lines += std::to_string(key) + " " + std::to_string(version) + " " + hex_of(out_) + " " + text_.text + "\n"; }

  size_t below(size_t limit) { return static_cast<size_t>(random_() % limit); }
  int32_t int32() { return static_cast<int32_t>(random_()); }
  int64_t int64() { return static_cast<int64_t>(random_()); }
  KafkaError error() { return static_cast<KafkaError>(static_cast<int>(below(134)) - 1); }
  std::string string() { return std::string(below(5) == 0 ? 150 : below(9), static_cast<char>('a' + below(26))); }
  Uuid uuid() {
    Uuid id;
    for (std::byte& byte : id.bytes) byte = static_cast<std::byte>(random_());
    return id;
  }

  std::mt19937_64 random_{20};
  std::vector<std::byte> out_;
  WireText text_;
  std::vector<std::vector<std::byte>> records_;
  std::vector<NodeEndpoint> endpoints_;
};

inline std::string all_answers() {
  Answers answers;
  const auto each = [&](int16_t key, void (Answers::*write)(int16_t)) {
    for (int16_t version = hot_api(key)->first; version <= hot_api(key)->last; version++) {
      for (int i = 0; i < answers_per_version; i++) (answers.*write)(version);
    }
  };
  each(api::produce, &Answers::produce);
  each(api::fetch, &Answers::fetch);
  each(api::list_offsets, &Answers::list_offsets);
  each(api::offset_for_leader_epoch, &Answers::leader_epoch);
  return answers.lines;
}

}  // namespace milena::test
