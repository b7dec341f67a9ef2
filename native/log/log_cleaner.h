// One pass of compaction over one log: reads its dirty part into a map of latest offsets, then writes what stays of the segments below the
// map's end into `.cleaned` files, one group at a time. Works on files alone, beside the broker; PartitionLog::replace takes the groups over.
// Thread: a worker's; everything it gets it owns.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "log/batch_cleaner.h"
#include "log/segment.h"
#include "os/file.h"

namespace milena {

struct CleanableSegment {
  Offset base;
  uint32_t size = 0;
  uint32_t index_bytes = 0;
  uint32_t time_index_bytes = 0;
  bool has_transaction_index = false;
};

struct CleaningJob {
  std::string path;  // the partition's directory
  std::vector<CleanableSegment> segments;  // all of the log, the active one last; sizes in bytes
  Offset first_dirty;
  Offset first_uncleanable;  // at or below the base of the active segment and the last stable offset
  int64_t now_ms = 0;
  int64_t delete_retention_ms = 0;
  uint32_t segment_bytes = 0;
  uint32_t segment_index_bytes = 0;
  uint32_t index_interval_bytes = 0;
  std::vector<LastOfProducer> producers;
  size_t map_bytes_max = 0;     // log.cleaner.dedupe.buffer.size, a thread's share
  double map_load_factor = 0.9;  // log.cleaner.io.buffer.load.factor
  Digest128 secret;              // chance
};

// A new segment whose files lie beside the old ones, complete and durable, as `.cleaned`.
struct CleanedGroup {
  std::vector<Offset> replaced;  // bases of the old segments; the first is the new one's
  uint32_t size = 0;
  IndexCounts index;
  MaxTimestamp max_timestamp;
  std::vector<AbortedEntry> aborted;
};

struct CleaningOutcome {
  Offset clean_end;  // everything below is clean now
  uint64_t bytes_read = 0;     // of both passes over the files
  uint64_t bytes_before = 0;   // of the segments that were cleaned
  uint64_t bytes_after = 0;
  uint64_t records_removed = 0;
  uint64_t keys = 0;
  bool map_full = false;  // the next pass goes on from clean_end
};

struct CleaningCallbacks {
  // Looked at between batches; true: the pass ends with Errc::cancelled and leaves no files.
  std::function<bool()> cancelled;
  // Bytes about to be read or written; may wait (log.cleaner.io.max.bytes.per.second).
  std::function<void(uint64_t)> pace;
  // The group's files are complete. False ends the pass like a cancel.
  std::function<bool(const CleanedGroup&)> cleaned;
};

class LogCleaner {
 public:
  LogCleaner(FileSystem& files, const CleaningJob& job, CleaningCallbacks callbacks)
      : files_(files), job_(job), callbacks_(std::move(callbacks)) {}

  // Errc::corrupt: a batch is not what it should be, failure() names it; Errc::cancelled; or the failing call's status.
  Result<CleaningOutcome> run();
  const std::string& failure() const { return failure_; }

 private:
  Status build_map(LatestOffsets& map, const std::vector<AbortedEntry>& aborted);
  // How far the records of one segment were taken: up to `end`, or less when the map is full.
  Status map_segment(const CleanableSegment& segment, Offset end, LatestOffsets& map, CleanedTransactions& transactions, CodecScratch& scratch);
  std::vector<std::vector<CleanableSegment>> group() const;
  Status clean_group(const std::vector<CleanableSegment>& segments, BatchCleaner& cleaner);
  Status copy_segment(const CleanableSegment& segment, BatchCleaner& cleaner, class CleanedSegment& to);
  Result<std::vector<AbortedEntry>> aborted_transactions() const;
  Status check(Bytes batch, const CleanableSegment& segment, uint64_t position);
  Status rot(const CleanableSegment& segment, uint64_t position, const char* what);
  std::string log_path(const CleanableSegment& segment) const;

  FileSystem& files_;
  const CleaningJob& job_;
  const CleaningCallbacks callbacks_;
  CleaningOutcome outcome_;
  std::string failure_;
};

struct CompactionLags {
  int64_t min_ms = 0;          // min.compaction.lag.ms
  int64_t max_ms = INT64_MAX;  // max.compaction.lag.ms
};

// Which part of a log is to be cleaned, and how dirty it is: Kafka's numbers for choosing the dirtiest.
struct Dirt {
  Offset first_dirty;
  Offset first_uncleanable;
  uint64_t clean_bytes = 0;
  uint64_t cleanable_bytes = 0;
  int64_t overdue_ms = 0;  // by how much max.compaction.lag.ms has passed; 0: it has not
};

}  // namespace milena
