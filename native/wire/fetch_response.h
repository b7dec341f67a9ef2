// Writes the answer to a Fetch request, versions 4 to 18, as a list of pieces: encoded bytes, and places where records go that the caller
// sends from files or buffers. Nothing of the records passes through here.
#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "base/kafka_error.h"
#include "base/types.h"
#include "base/uuid.h"
#include "wire/node_endpoint.h"

namespace milena {

struct FetchAborted {
  int64_t producer_id = -1;
  int64_t first_offset = 0;
};

struct FetchResult {
  int32_t index = 0;
  KafkaError error = KafkaError::none;
  int64_t high_watermark = -1;
  int64_t last_stable_offset = -1;
  int64_t log_start_offset = -1;
  bool aborted_null = true;  // null for read_uncommitted
  std::span<const FetchAborted> aborted;
  int32_t preferred_read_replica = -1;
  uint32_t records_size = 0;   // bytes of records the caller will send; 0: an empty set
  uint32_t records_id = 0;     // the caller's name for them, given back in the piece
  int32_t diverging_epoch = -1;  // version 12, KIP-595; -1: not sent
  int64_t diverging_end_offset = -1;
  int32_t leader_id = -1;        // version 12; -1: not sent
  int32_t leader_epoch = -1;
  int64_t snapshot_end_offset = -1;  // version 12, KIP-630; -1: not sent
  int32_t snapshot_epoch = -1;
};

// What the frame is made of, in order. Bytes lie in the writer's buffer at [offset, offset + size).
struct FetchPiece {
  bool is_records = false;
  uint32_t size = 0;
  uint32_t offset = 0;      // of bytes
  uint32_t records_id = 0;  // of records
};

// In order: construct, then topic() before its partition()s, then finish(). Both vectors are cleared first and keep their memory.
class FetchResponseWriter {
 public:
  struct Head {
    int16_t version = 0;
    int32_t correlation_id = 0;
    int32_t throttle_ms = 0;
    KafkaError error = KafkaError::none;  // version 7
    int32_t session_id = 0;
    size_t topic_count = 0;
  };

  FetchResponseWriter(std::vector<std::byte>& out, std::vector<FetchPiece>& pieces, const Head& head);
  void topic(std::string_view name, const Uuid& id, size_t partition_count);  // the name up to version 12, the id from 13
  void partition(const FetchResult& result);
  void finish(std::span<const NodeEndpoint> endpoints = {});

 private:
  void partition_tags(const FetchResult& result);
  void close_bytes();
  void end_topic();

  std::vector<std::byte>& out_;
  std::vector<FetchPiece>& pieces_;
  int16_t version_;
  bool flexible_;
  bool topic_open_ = false;
  size_t bytes_begin_ = 0;    // of the piece being written
  size_t records_bytes_ = 0;  // all records, for the frame's length
};

}  // namespace milena
