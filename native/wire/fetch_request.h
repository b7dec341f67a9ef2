// Views over a Fetch request, versions 4 to 18: nothing is copied, the vectors keep their memory from request to request.
#pragma once
#include <string_view>
#include <vector>

#include "base/types.h"
#include "base/uuid.h"

namespace milena {

struct FetchTopic {
  std::string_view name;  // up to version 12
  Uuid id;                // from version 13
  uint32_t partitions_begin = 0;  // its partitions are [begin, end) of the vector beside
  uint32_t partitions_end = 0;
};

struct FetchPartition {
  uint32_t topic = 0;  // index into FetchRequest::topics
  int32_t index = 0;
  int32_t current_leader_epoch = -1;  // version 9
  int64_t fetch_offset = 0;
  int32_t last_fetched_epoch = -1;    // version 12
  int64_t log_start_offset = -1;      // version 5, sent by followers
  int32_t partition_max_bytes = 0;
  Uuid replica_directory_id;          // version 17
  int64_t high_watermark = INT64_MAX; // version 18, sent by followers (KIP-1166)
};

struct FetchRequest {
  bool cluster_id_null = true;
  std::string_view cluster_id;  // version 12, tagged
  int32_t replica_id = -1;      // a consumer is -1
  int64_t replica_epoch = -1;   // version 15
  int32_t max_wait_ms = 0;
  int32_t min_bytes = 0;
  int32_t max_bytes = INT32_MAX;
  int8_t isolation_level = 0;   // 1: read_committed
  int32_t session_id = 0;       // version 7 (KIP-227)
  int32_t session_epoch = -1;
  std::vector<FetchTopic> topics;
  std::vector<FetchPartition> partitions;
  std::vector<FetchTopic> forgotten_topics;
  std::vector<int32_t> forgotten_partitions;
  std::string_view rack_id;  // version 11

  // `body` is the frame behind its header and must outlive the views. False: malformed, close the connection.
  bool parse(Bytes body, int16_t version);
};

}  // namespace milena
