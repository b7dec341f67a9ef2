// One partition of a Fetch: what is wished, and what can be answered as of one moment.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "base/kafka_error.h"
#include "log/log_types.h"
#include "plane/fetch_session.h"
#include "plane/partition.h"

namespace milena {

struct FetchItem {
  FetchWish wish;
  std::shared_ptr<Partition> partition;  // null: `error` is final, nothing of it is read or waited for
  KafkaError error = KafkaError::none;
  // As of the last look:
  Offset high_watermark{-1};
  Offset last_stable{-1};
  Offset log_start{-1};
  Offset upper{0};  // what the range ends at, at most
  EpochEnd diverging;
  std::vector<AbortedTransaction> aborted;
  LogRange range;
  bool is_cold = false;  // where the range lies only a disk can tell
  size_t copied_at = 0;  // of the range in the request's copies, when it is not sent from its file
};

struct FetchReader {
  bool read_committed = false;
  bool follower = false;  // of the protocol: a replica id was given
  Patience patience = Patience::never_waits;
};

// Looks at the partition and finds the range to send, of at most `bytes_max` bytes unless `at_least_one` asks for the first batch.
// A negative `bytes_max` is an error where there is something to read, as in Kafka.
// A reader that never waits learns that it would have to: `is_cold`, and no range.
// Checks in Kafka's order: leader epoch, the epoch last fetched (KIP-595), offset.
void look(FetchItem& item, const FetchReader& reader, int64_t bytes_max, bool at_least_one);

}  // namespace milena
