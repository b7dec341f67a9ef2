// Views over a Produce request, versions 3 to 13: nothing is copied, the vectors keep their memory from request to request.
#pragma once
#include <string_view>
#include <vector>

#include "base/types.h"
#include "base/uuid.h"

namespace milena {

struct ProduceTopic {
  std::string_view name;  // up to version 12
  Uuid id;                // from version 13
  uint32_t partitions_begin = 0;  // its partitions are [begin, end) of ProduceRequest::partitions
  uint32_t partitions_end = 0;
};

struct ProducePartition {
  uint32_t topic = 0;  // index into ProduceRequest::topics
  int32_t index = 0;
  bool records_null = false;
  MutableBytes records;  // inside of the frame
};

struct ProduceRequest {
  bool transactional_id_null = true;
  std::string_view transactional_id;
  int16_t acks = 0;
  int32_t timeout_ms = 0;
  std::vector<ProduceTopic> topics;
  std::vector<ProducePartition> partitions;

  // `body` is the frame behind its header and must outlive the views. False: malformed, close the connection.
  bool parse(MutableBytes body, int16_t version);
};

}  // namespace milena
