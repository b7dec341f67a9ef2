// What goes into a PartitionLog and what comes out of it.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/kafka_error.h"
#include "base/status.h"
#include "base/types.h"
#include "wire/batch.h"
#include "wire/validate.h"

namespace milena {

class SegmentFile;

// One validated batch on its way into the log. The first part is the caller's, the second is the answer.
struct AppendEntry {
  MutableBytes batch;  // exactly one batch; must stay valid until append() returns
  BatchInfo info;      // its header
  AppendOrigin origin = AppendOrigin::client;

  KafkaError error = KafkaError::none;
  Offset base_offset{-1};
  // -1, or what Produce answers as log_append_time_ms: the batch's maxTimestamp for LogAppendTime batches and for every duplicate.
  int64_t log_append_time_ms = -1;
  bool duplicate = false;  // nothing was written: this was stored before, at base_offset
};

// A place in the log: between two batches.
struct LogPosition {
  Offset offset;
  Offset segment_base;    // names the segment file
  uint32_t position = 0;  // byte in it
};

// How far a sync goes. With write.caching the active segment is left to the operating system; to sync it although nobody waits would hold
// up whoever appends to it.
enum class SyncScope : uint8_t { everything, completed_segments };

// Ends of a log as of one moment. log_start <= flushed_end <= log_end, except that log_start may pass flushed_end
// only when everything was deleted (then all three are equal).
struct LogEnds {
  Offset log_start;
  LogPosition log_end;      // next offset to be given out
  LogPosition flushed_end;  // everything below is durable
};

// Whole batches lying next to each other in one segment file. size 0: nothing to read.
struct LogRange {
  std::shared_ptr<SegmentFile> file;  // its descriptor is valid while this is held
  uint64_t position = 0;
  uint32_t size = 0;
  Offset first_offset;  // base offset of the first batch; may lie before the offset asked for
  Offset next_offset;   // offset after the last record of the range
};

// What retention did. active_is_due: everything is, and the writer's to close (roll); then once more.
struct Retained {
  size_t removed = 0;  // segments
  bool active_is_due = false;
};

// What a lookup by timestamp found. offset -1: nothing.
struct TimestampHit {
  int64_t timestamp_ms = -1;
  Offset offset{-1};
  LeaderEpoch leader_epoch{-1};
};

// Answer of OffsetForLeaderEpoch. Both -1: the epoch is unknown.
struct EpochEnd {
  LeaderEpoch leader_epoch{-1};
  Offset end_offset{-1};
};

// An aborted transaction of which a range holds records.
struct AbortedTransaction {
  ProducerId producer_id;
  Offset first_offset;
};

// DescribeProducers.
struct ProducerView {
  ProducerId producer_id;
  int16_t producer_epoch = -1;
  int32_t last_sequence = -1;
  int64_t last_timestamp_ms = -1;
  int32_t coordinator_epoch = -1;
  Offset transaction_start{-1};  // -1: no transaction is open
};

enum class NoticeLevel : uint8_t { info, warn, error };

// One line for the broker's log. Called from the thread that opens or closes a log; must not call back into it.
using NoticeSink = std::function<void(NoticeLevel, const std::string&)>;

}  // namespace milena
