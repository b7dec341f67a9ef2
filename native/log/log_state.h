// The inside of a PartitionLog, shared by the files that implement it: log_append, log_sync, log_read, log_lookup, log_truncate,
// log_retention, log_open. Fields are grouped by who may touch them.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "log/boundary_hints.h"
#include "log/epoch_cache.h"
#include "log/index_marks.h"
#include "log/log_config.h"
#include "log/log_directory.h"
#include "log/log_types.h"
#include "log/producer_state.h"
#include "log/segment.h"
#include "log/sync_role.h"

namespace milena {

struct LogSnapshot;

class LogState {
 public:
  LogState(LogDirectory& log_directory, TopicPartition topic_partition, std::shared_ptr<const LogConfig> log_config, uint64_t jitter_seed);

  // --- constant ---
  LogDirectory& directory;
  FileSystem& files;
  const TopicPartition partition;
  const std::string path;

  // --- guarded by mutex; never held over a file call ---
  mutable std::mutex mutex;
  std::shared_ptr<const LogConfig> config;
  LogEnds ends;
  std::shared_ptr<const SegmentList> segments;
  std::shared_ptr<SegmentFile> active_file;  // null while nobody writes: opened again on touch
  std::vector<RolledSegment> rolled;
  BoundaryHints hints;
  bool names_dirty = false;     // files were made or renamed since the directory was last synced
  bool aborts_dirty = false;    // some segment's transaction index is
  bool metadata_dirty = false;  // a new log: its index files, its metadata and its own name are not durable yet
  Status why_failed;

  std::atomic<bool> failed{false};
  std::atomic<bool> closed{false};

  // --- writer ---
  IndexMarks marks;
  std::shared_ptr<IndexTail> tail;  // the active segment's, as the writer knows it
  std::optional<int64_t> first_batch_timestamp;  // greatest timestamp of the active segment's first batch
  int64_t created_ms = 0;
  int64_t jitter_ms = 0;
  uint64_t chance = 0;
  bool touched = false;  // appended to since the last trim()
  Offset snapshot_offset;  // of the latest producer snapshot

  // --- syncer, between begin_round() and end_round() ---
  LogPosition round_target;
  std::shared_ptr<SegmentFile> round_file;
  std::shared_ptr<Segment> round_segment;

  std::atomic<bool> index_unsynced{true};  // the active segment's index files, or their names, may not be durable

  // --- own locks ---
  ProducerState producers;
  EpochCache epochs;
  std::mutex keeper_role;  // held by the keeper; taken before sync_role
  SyncRole sync_role;    // held by the syncer over a round, and by the keeper while it touches files that a round may touch

  // --- shared helpers (log_state.cc) ---
  std::string file_path(Offset base, std::string_view suffix) const;
  Segment& active() const { return *active_segment_; }
  const std::shared_ptr<Segment>& active_ptr() const { return active_segment_; }
  void set_active(std::shared_ptr<Segment> segment) { active_segment_ = std::move(segment); }
  // Opens the file of a segment or returns the one that is open. Errc::not_found when it was removed meanwhile. Opening is left to those
  // who may wait.
  Result<std::shared_ptr<SegmentFile>> open_file(const std::shared_ptr<Segment>& segment, Patience patience = Patience::waits);
  Result<IndexView> index_of(const std::shared_ptr<Segment>& segment, SegmentFile& file, Patience patience = Patience::waits);
  // The greatest timestamp of a segment; read from its time index when it is not known yet.
  Result<MaxTimestamp> max_timestamp_of(const std::shared_ptr<Segment>& segment);
  // Kafka's `largestTimestamp`: without any in the records, the file's own age.
  Result<int64_t> largest_timestamp_of(const std::shared_ptr<Segment>& segment);
  // The first batch whose last offset is at or above `offset`, found through the index, which is not believed blindly.
  // Position and header of it, or the end of the segment and nothing.
  struct Found {
    uint64_t position = 0;
    std::optional<BatchInfo> info;
  };
  Result<Found> find_batch(const std::shared_ptr<Segment>& segment, SegmentFile& file, uint64_t size, Offset offset, Patience patience = Patience::waits);
  // Closes the log for good.
  Status fail(Status why);
  std::shared_ptr<const LogConfig> current_config() const;
  void new_jitter();

  // --- writer's work on files (log_roll.cc) ---
  // Makes the file of an empty segment and makes it the active one; `before` is the one that was, and has yet to be made durable.
  Status make_segment(Offset base, int64_t now_ms, RolledSegment* before = nullptr);
  void complete(RolledSegment& active, Offset end);
  Status roll(int64_t now_ms);
  void append_final_time_entry();
  // What the writer needs to know of a segment, whose tail is set, to append to it. `look`: the time index may lack its last entry.
  Status load_marks(const std::shared_ptr<Segment>& segment, SegmentFile& file, uint64_t size, bool look);
  // Makes `offset` the log end, durably. keeper_role and sync_role are held.
  Status cut_to(Offset offset);

  // --- keeper's work on files (log_roll.cc); keeper_role is held ---
  // Takes the front `count` segments, the active one not among them, out of the log and lets their files be removed later.
  Status drop_front(size_t count, int64_t now_ms);
  // Segments that were taken out of the list: nobody opens them any more, and only readers that have them open keep them.
  void let_go(std::span<const std::shared_ptr<Segment>> segments_gone);
  // Renames the files of a segment to `.deleted` and queues them for removal; all of them, or those that only its records need: a producer
  // snapshot as of its base is about what lies before it.
  enum class Removal : uint8_t { with_snapshot, without_snapshot };
  Status remove_files_later(Offset base, int64_t now_ms, Removal what = Removal::with_snapshot);

  // --- producer state from files (log_producers.cc); nobody appends meanwhile ---
  // From the latest good snapshot at or below `snapshot_max` and the batches behind it up to `end`. The abort index of segments from
  // `rebuild_from` on is written anew on the way.
  Status reload_producers(Offset end, Offset snapshot_max, int64_t now_ms, std::optional<Offset> rebuild_from = std::nullopt);

  // --- syncer's work (log_sync.cc); sync_role is held ---
  Status sync_round(SyncScope scope = SyncScope::everything);
  // The round in two halves, where all it needs is one sync of the active segment: its file, or null.
  File* begin_round();
  void end_round();
  // Index entries of the active segment that are not in its files yet: what came since the last round, or could not be written.
  static uint32_t index_entries_unwritten(const IndexTail& of);
  void write_index_entries(const Segment& segment, IndexTail& of);
  Status settle();
  // Nothing but records waits for a sync.
  bool names_are_durable() const;
  Status write_epochs();
  Status note_epoch_of_nothing();
  // Never held a record. Of the writer.
  bool holds_nothing() const { return ends.log_end.offset.value == 0; }
  Status write_snapshot(Offset offset, Bytes snapshot);

 private:
  std::shared_ptr<Segment> active_segment_;  // the writer's copy of segments->back()
};

// What a reader takes with it: consistent, as of one moment.
struct LogSnapshot {
  LogEnds ends;
  std::shared_ptr<const SegmentList> segments;
};
LogSnapshot snapshot_of(const LogState& state);

// Asks files about the segments of one snapshot; again when segments were replaced or removed meanwhile.
template <class Look>
auto look_again(const LogState& state, Look once) -> decltype(once(LogSnapshot{})) {
  for (;;) {
    const LogSnapshot snapshot = snapshot_of(state);
    auto found = once(snapshot);
    if (found || found.why().code != Errc::not_found || snapshot.segments == snapshot_of(state).segments) return found;
  }
}

// Index of the segment that holds `offset`; offset is at least the first one's base.
size_t segment_at(const SegmentList& segments, Offset offset);

// `<offset>.txnindex`: i16 version 0 | i64 producer id | i64 first offset | i64 last offset | i64 last stable offset, an entry.
Status append_aborted(LogState& state, const std::shared_ptr<Segment>& segment, const CompletedTransaction& transaction);

}  // namespace milena
