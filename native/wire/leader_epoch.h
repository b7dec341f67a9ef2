// OffsetForLeaderEpoch, versions 2 to 4: views over the request and a writer of the answer (KIP-101, KIP-320).
#pragma once
#include <string_view>
#include <vector>

#include "base/kafka_error.h"
#include "base/types.h"

namespace milena {

struct LeaderEpochTopic {
  std::string_view name;
  uint32_t partitions_begin = 0;
  uint32_t partitions_end = 0;
};

struct LeaderEpochPartition {
  uint32_t topic = 0;
  int32_t index = 0;
  int32_t current_leader_epoch = -1;
  int32_t leader_epoch = 0;  // the epoch whose end is asked for
};

struct LeaderEpochRequest {
  int32_t replica_id = -2;  // version 3; -2 is "debugging consumer"
  std::vector<LeaderEpochTopic> topics;
  std::vector<LeaderEpochPartition> partitions;

  // `body` is the frame behind its header and must outlive the views. False: malformed, close the connection.
  bool parse(Bytes body, int16_t version);
};

struct LeaderEpochResult {
  KafkaError error = KafkaError::none;
  int32_t index = 0;
  int32_t leader_epoch = -1;
  int64_t end_offset = -1;
};

// Writes the answer in order: construct, then topic() before its partition()s, then finish().
class LeaderEpochResponseWriter {
 public:
  LeaderEpochResponseWriter(std::vector<std::byte>& out, int16_t version, int32_t correlation_id, int32_t throttle_ms, size_t topic_count);
  void topic(std::string_view name, size_t partition_count);
  void partition(const LeaderEpochResult& result);
  void finish();

 private:
  void end_topic();

  std::vector<std::byte>& out_;
  bool flexible_;
  bool topic_open_ = false;
  size_t begin_;
};

}  // namespace milena
