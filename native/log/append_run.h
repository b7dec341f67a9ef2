// One append to one log on its way: batches get their offsets and places, a run of them in one segment goes into the file with one write.
// Writer; between begin and end nobody else appends, rolls or cuts.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "log/index_marks.h"
#include "log/log_config.h"
#include "log/log_types.h"
#include "os/write_backend.h"

namespace milena {

class LogState;

class AppendRun {
 public:
  AppendRun(LogState& state, std::shared_ptr<const LogConfig> config, std::span<AppendEntry* const> entries, LeaderEpoch epoch);
  AppendRun(const AppendRun&) = delete;

  // Places every entry and writes what a roll divides from the rest. Not ok: those that fell with it are answered, nothing is pending.
  Status place_all(int64_t now_ms);
  // What is still to be written; nothing: all is done. Valid until finish().
  std::optional<PendingWrite> pending() const;
  // Publishes what was written. After a failed write nothing of it is left, and its entries say so.
  Status finish(const WriteOutcome& outcome);

  // Of the segment, what was placed included.
  uint64_t size() const { return size_; }
  Offset next_offset() const { return next_; }
  const IndexMarks& marks() const { return marks_; }
  const std::optional<int64_t>& first_batch_timestamp() const { return first_batch_timestamp_; }

 private:
  // Begins at the end of the active segment.
  void begin();
  // Judges the sequence of a batch and, if it is right, gives it its offset and its place.
  void place(AppendEntry& entry);
  void stage_index(const BatchInfo& info, uint64_t position);
  Status open_file();
  Status write();
  Status settle(const WriteOutcome& outcome);
  void commit();
  Status answered(Status status);

  LogState& state_;
  const std::shared_ptr<const LogConfig> config_;
  const std::span<AppendEntry* const> entries_;
  const LeaderEpoch epoch_;
  size_t stands_or_falls_from_ = 0;  // the first entry whose fate is that of the next write
  std::shared_ptr<SegmentFile> file_;
  uint64_t begin_position_ = 0;
  uint64_t size_ = 0;
  Offset first_;
  Offset next_;
  IndexMarks marks_;
  std::optional<int64_t> first_batch_timestamp_;
  std::vector<iovec> slices_;
  std::vector<OffsetIndexEntry> offset_entries_;
  std::vector<TimeIndexEntry> time_entries_;
};

}  // namespace milena
