// What a partition needs of the lane of its log directory. Thread: all calls from any.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "base/types.h"
#include "plane/counters.h"

namespace milena {

class Partition;

class PartitionHost {
 public:
  virtual ~PartitionHost() = default;
  // The drainer role is the lane's: it will call partition->lane_turn().
  virtual void drain_on_lane(std::shared_ptr<Partition> partition) = 0;
  // Something was written that is not synced: sync in the next round.
  virtual void request_sync(std::shared_ptr<Partition> partition) = 0;
  // A watched partition's high watermark moved.
  virtual void high_watermark_moved(const Partition& partition, Offset to) = 0;
  // A write or sync failed and the log is closed for good.
  virtual void log_failed(const Partition& partition, Status why, const std::string& message) = 0;
  // A write failed without harm to the log: only its batches were refused.
  virtual void write_refused(const Partition& partition, Status why) = 0;
  // A segment was completed and synced: the recovery point may move.
  virtual void segment_completed() = 0;

  // Appends are made by the lane's thread, never by the owners'. Constant.
  virtual bool lane_mode() const = 0;
  virtual const Clock& clock() const = 0;
  virtual Counters& counters() = 0;

  // Bytes queued for this directory, all partitions together, and how many there may be.
  std::atomic<uint64_t> queued_bytes{0};
  uint64_t queued_bytes_max = UINT64_MAX;  // constant after construction
};

}  // namespace milena
