// What a partition directory holds, tidied up: leftovers of removals and of Kafka's cleaner are dealt with, segments are named in order.
#pragma once
#include <vector>

#include "log/log_state.h"

namespace milena {

struct ListedSegment {
  Offset base;
  uint64_t size = 0;  // of the .log file
  bool has_offset_index = false;
  bool has_time_index = false;
  bool has_transaction_index = false;
};

// Removes `.deleted` and `.cleaned` files and index files without a log, finishes an interrupted swap (`.swap`), and lists the segments by
// base offset. Errc::corrupt for a segment larger than 2 GB.
Result<std::vector<ListedSegment>> list_segments(FileSystem& files, const std::string& path);

}  // namespace milena
