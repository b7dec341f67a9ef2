// Writes the answer to a Produce request, versions 3 to 13.
#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "base/kafka_error.h"
#include "base/types.h"
#include "base/uuid.h"
#include "wire/node_endpoint.h"
#include "wire/validate.h"

namespace milena {

struct ProduceResult {
  int32_t index = 0;
  KafkaError error = KafkaError::none;
  int64_t base_offset = -1;
  int64_t log_append_time_ms = -1;
  int64_t log_start_offset = -1;              // version 5
  std::span<const RecordRefusal> refusals;    // version 8
  std::string_view message;                   // version 8; empty is sent as null
  int32_t leader_id = -1;                     // version 10, with NOT_LEADER_OR_FOLLOWER; -1: not sent
  int32_t leader_epoch = -1;
};

// In order: construct, then topic() before its partition()s, then finish().
class ProduceResponseWriter {
 public:
  ProduceResponseWriter(std::vector<std::byte>& out, int16_t version, int32_t correlation_id, size_t topic_count);
  void topic(std::string_view name, const Uuid& id, size_t partition_count);  // the name up to version 12, the id from 13
  void partition(const ProduceResult& result);
  void finish(int32_t throttle_ms, std::span<const NodeEndpoint> endpoints = {});

 private:
  void refusals(const ProduceResult& result);
  void end_topic();

  std::vector<std::byte>& out_;
  int16_t version_;
  bool flexible_;
  bool topic_open_ = false;
  size_t begin_;
};

}  // namespace milena
