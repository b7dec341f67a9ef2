// What decides over the next index entry and the next roll. The writer's.
#pragma once
#include "log/segment.h"

namespace milena {

struct IndexMarks {
  uint32_t bytes_since_entry = 0;
  MaxTimestamp max_timestamp;
  int64_t last_time_entry_ms = no_timestamp;
  IndexCounts counts;
};

}  // namespace milena
