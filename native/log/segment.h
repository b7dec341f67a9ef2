// One segment of a log as the log keeps it in mind: a few numbers, and what is open or unwritten of its files.
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "base/types.h"
#include "log/segment_file.h"
#include "log/segment_index.h"
#include "log/transaction_index.h"
#include "wire/batch.h"

namespace milena {

// The greatest timestamp of a segment so far and the last offset of the batch that has it.
struct MaxTimestamp {
  int64_t timestamp_ms = no_timestamp;
  Offset offset;
};

// `base` is fixed; everything else is guarded by LogState::mutex.
struct Segment {
  explicit Segment(Offset base_offset) : base(base_offset) {}
  const Offset base;
  uint32_t size = 0;  // bytes of whole batches
  bool has_transaction_index = false;
  bool transaction_index_dirty = false;        // appended to since its last sync
  std::optional<MaxTimestamp> max_timestamp;   // unknown until first needed
  std::optional<int64_t> first_timestamp_ms;   // greatest of the first batch; unknown until first needed
  std::optional<IndexCounts> index_in_files;   // unknown until first needed; not used while there is a tail
  std::shared_ptr<IndexTail> tail;             // of the active segment, and of a rolled one until it is synced
  std::weak_ptr<SegmentFile> file;
  bool gone = false;  // not of the log any more: files of this name are another segment's, or about to be removed
  // Of a cleaned segment until its files have their names.
  std::shared_ptr<const std::vector<AbortedEntry>> aborted;
};

using SegmentList = std::vector<std::shared_ptr<Segment>>;  // by base offset; published whole, never changed

// A segment that is no longer written but whose files are not yet known to be durable.
struct RolledSegment {
  std::shared_ptr<Segment> segment;
  std::shared_ptr<SegmentFile> file;
  Offset snapshot_offset{-1};  // producer state to be written with it; -1: none
  std::vector<std::byte> snapshot;
};

}  // namespace milena
