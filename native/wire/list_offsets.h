// ListOffsets, versions 1 to 11: views over the request and a writer of the answer.
#pragma once
#include <string_view>
#include <vector>

#include "base/kafka_error.h"
#include "base/types.h"

namespace milena {

// Timestamps that ask for something else (KIP-734, KIP-405, KIP-1005, KIP-1023).
namespace list_offsets_timestamp {
inline constexpr int64_t latest = -1;
inline constexpr int64_t earliest = -2;
inline constexpr int64_t max_timestamp = -3;            // version 7
inline constexpr int64_t earliest_local = -4;           // version 8
inline constexpr int64_t latest_tiered = -5;            // version 9
inline constexpr int64_t earliest_pending_upload = -6;  // version 11
}  // namespace list_offsets_timestamp

struct ListOffsetsTopic {
  std::string_view name;
  uint32_t partitions_begin = 0;
  uint32_t partitions_end = 0;
};

struct ListOffsetsPartition {
  uint32_t topic = 0;
  int32_t index = 0;
  int32_t current_leader_epoch = -1;  // version 4
  int64_t timestamp = 0;
};

struct ListOffsetsRequest {
  int32_t replica_id = -1;
  int8_t isolation_level = 0;  // version 2
  int32_t timeout_ms = 0;      // version 10
  std::vector<ListOffsetsTopic> topics;
  std::vector<ListOffsetsPartition> partitions;

  // `body` is the frame behind its header and must outlive the views. False: malformed, close the connection.
  bool parse(Bytes body, int16_t version);
};

struct ListOffsetsResult {
  int32_t index = 0;
  KafkaError error = KafkaError::none;
  int64_t timestamp = -1;
  int64_t offset = -1;
  int32_t leader_epoch = -1;  // version 4
};

// Writes the answer in order: construct, then topic() before its partition()s, then finish().
class ListOffsetsResponseWriter {
 public:
  ListOffsetsResponseWriter(std::vector<std::byte>& out, int16_t version, int32_t correlation_id, int32_t throttle_ms, size_t topic_count);
  void topic(std::string_view name, size_t partition_count);
  void partition(const ListOffsetsResult& result);
  void finish();

 private:
  void end_topic();

  std::vector<std::byte>& out_;
  int16_t version_;
  bool flexible_;
  bool topic_open_ = false;
  size_t begin_;
};

}  // namespace milena
