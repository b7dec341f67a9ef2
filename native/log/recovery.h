// Bringing a log back after an unclean stop: which bytes are good, which are a tail that was never durable, and which are a loss.
// The rule (docs/data.md): below the recovery point a bad batch is rot, nothing is cut and the log stays shut. Above it, if only the
// process died, a bad batch that is followed by a good one is rot too. Otherwise it is a tail: it is cut off and kept beside the segment
// as `<segment>.log.torn-<offset>`.
#pragma once
#include <atomic>
#include <functional>
#include <string>

#include "log/log_state.h"
#include "log/partition_log.h"

namespace milena {

class Recovery {
 public:
  // The state's segment list is complete, with the sizes of the files. `options` outlives this.
  Recovery(LogState& state, const PartitionLogOptions& options, Offset recovery_point, bool same_boot)
      : state_(state), options_(options), recovery_point_(recovery_point), same_boot_(same_boot) {}

  // Reads what may not be durable, cuts a tail, rebuilds indexes and epochs, and makes all of it durable. Afterwards the state's list,
  // ends and active segment are right. Running it again changes nothing.
  Status run();
  // First segment that was read; producer state and abort indexes have to be rebuilt from there.
  Offset first_read() const { return first_read_; }
  // Rebuilds the index files of one segment that is not in doubt.
  Status rebuild_index(const std::shared_ptr<Segment>& segment);
  const std::string& failure() const { return failure_; }

 private:
  struct Scan {
    uint64_t good_bytes = 0;
    bool bad = false;  // something that is no good batch lies behind the good ones
    Offset next;
  };
  Result<Scan> scan(const std::shared_ptr<Segment>& segment, SegmentFile& file, Offset next);
  bool acceptable(const Segment& segment, const BatchInfo& info, Bytes bytes, Offset next) const;
  Status judge(size_t i, SegmentFile& file, const Scan& scan);
  Result<bool> good_batch_behind(const SegmentFile& file, uint64_t from, uint64_t size, Offset next);
  Status cut(size_t i, SegmentFile& file, const Scan& scan);
  Status keep_torn_bytes(const Segment& segment, const SegmentFile& file, const Scan& scan);
  Status remove_segments_from(size_t i, Offset torn_at);
  Status finish(const std::shared_ptr<Segment>& segment, SegmentFile& file, bool active);
  Status report_rot(const Segment& segment, uint64_t position, Offset offset, const char* what);
  void report_progress(uint64_t bytes);

  LogState& state_;
  const PartitionLogOptions& options_;
  const Offset recovery_point_;
  const bool same_boot_;
  Offset first_read_;
  uint64_t bytes_done_ = 0;
  uint64_t bytes_total_ = 0;
  bool unsynced_ = false;  // what was found may not be durable yet
  std::string failure_;
};

}  // namespace milena
