// The log of one partition: Kafka's segment files in one directory, from the bytes on disk to the numbers other threads ask for.
//
// Threads. Writer: whoever holds the partition's drainer role, one at a time. Syncer and keeper: one at a time each, concurrently with the
// writer and with each other; who comes second waits. Reader: any number, any time. Each function says whose it is. No lock that the
// writer or a reader takes is held over a file call; those protect pointers and numbers.
//
// Durability: log_start <= flushed_end <= log_end. append() moves log_end after the write returned, sync() moves flushed_end after
// fdatasync returned. What lies below flushed_end survives a power cut; what lies below log_end survives the end of the process.
//
// Failures: a failed write is cut back and only its batches fail. A failed sync, or a failure to cut back, closes the log for good:
// every later call answers Errc::closed, and the directory needs an operator (failure() says why).
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "log/append_run.h"
#include "log/log_cleaner.h"
#include "log/log_config.h"
#include "log/log_directory.h"
#include "log/log_types.h"
#include "log/topic_partition.h"

namespace milena {

class LogState;

struct PartitionLogOptions {
  TopicPartition partition;
  TopicId topic_id{};  // all zero: neither checked nor written
  std::shared_ptr<const LogConfig> config;
  int64_t now_ms = 0;          // wall clock: producers older than their expiry are not loaded
  uint64_t jitter_seed = 0;    // chance for segment.jitter.ms
  const std::atomic<bool>* cancel = nullptr;                          // set: recovery gives up with Errc::cancelled, nothing is lost
  std::function<void(uint64_t done, uint64_t total)> progress;        // bytes recovered; only when there is something to recover
  std::string* failure = nullptr;                                     // in words, when open() fails
};

class PartitionLog {
 public:
  // Opens the log, or makes it when its directory is not there. After an unclean stop it is recovered first (docs/data.md):
  // Errc::corrupt when bytes that were durable have changed (nothing is cut then), Errc::cancelled, or the failing call's status.
  static Result<std::unique_ptr<PartitionLog>> open(LogDirectory& directory, PartitionLogOptions options);
  static bool exists(LogDirectory& directory, const TopicPartition& partition);
  ~PartitionLog();  // without close() this is a crash: the next open recovers
  PartitionLog(const PartitionLog&) = delete;
  PartitionLog& operator=(const PartitionLog&) = delete;

  // --- writer ---

  // Checks sequences in order, gives offsets, stamps them and the epoch into the batches, rolls, writes (one pwritev per segment
  // touched), updates producer state and indexes, then publishes log_end. Every entry is answered in its result fields:
  // a refused or duplicate one does not stop the others. When a write fails, its batches and all behind them get KAFKA_STORAGE_ERROR,
  // nothing of them stays, and the Status says why; the log stays usable unless failed().
  Status append(std::span<AppendEntry* const> entries, LeaderEpoch epoch, int64_t now_ms);
  // The same in two halves, so that several logs can be written at once: what run->pending() names is to be written, then run->finish().
  // `entries` stay where they are until then. Not ok: everything is answered already.
  Status begin_append(std::span<AppendEntry* const> entries, LeaderEpoch epoch, int64_t now_ms, std::optional<AppendRun>& run);
  // What becoming the leader does to the leader epoch cache: epoch begins at log end.
  Status begin_epoch(LeaderEpoch epoch);
  // Cuts the log so that `offset` is the next one (at least log start). Ends above it, durable or not, come down with it. Waits for the
  // syncer and the keeper.
  Status truncate_to(Offset offset);
  // DeleteRecords: log start moves to `offset` (at most log end; never back). Whole segments below it are removed later.
  Status delete_before(Offset offset, int64_t now_ms);
  // A roll that is due by time alone (an idle log's first segment is rolled by the next append, as in Kafka; this one serves
  // max.compaction.lag and tests). Forces a roll when `force` and the active segment is not empty.
  Status roll(int64_t now_ms, bool force);
  void expire_producers(int64_t now_ms);
  void set_config(std::shared_ptr<const LogConfig> config);
  // Lets go of memory and descriptors that a log which was not written since the last call does not need. False: it would, but for names
  // that are not durable or index entries that are in no file; sync_names() and then again.
  bool trim();
  // Final sync, index tails, producer snapshot. No call may follow but failed(), ends() and the destructor. The syncer must be done; waits
  // for the keeper.
  Status close();

  // After close(), of a log that is to be removed: its descriptors are closed but for those that readers hold.
  void let_go();

  // --- keeper ---

  // Retention by time, size and log start; only closed segments wholly below `high_watermark`.
  Result<Retained> retain(int64_t now_ms, Offset high_watermark);
  // Takes over what a cleaner has made of some segments (log_cleaner.h): their files make room for the `.cleaned` ones, in Kafka's steps,
  // so that a crash in between leaves one or the other. Readers that hold the old files go on with them. Errc::not_found when the
  // segments are no longer what the cleaner has seen; the files are removed then.
  Status replace(const CleanedGroup& group, int64_t now_ms);

  // --- syncer ---

  // Makes everything appended before the call durable: rolled segments with their indexes and snapshots, directory entries,
  // the leader epoch checkpoint, the active segment. Publishes flushed_end. A failure closes the log for good.
  // Cheap when there is nothing to do. Also writes the index entries of the active segment to their files. With
  // SyncScope::completed_segments only what lies before the active segment.
  Status sync(SyncScope scope = SyncScope::everything);
  // The same in two halves, so that the files of many logs can be synced at once: the file whose sync is all that it takes, until
  // end_sync() is told how that went. Null: it takes sync(), and end_sync() is not called. Whatever thread. No file call in either but
  // for those index entries.
  File* begin_sync();
  Status end_sync(Status of_file);
  bool needs_sync(SyncScope scope = SyncScope::everything) const;
  // Makes names durable that no record waits for, of a log that was made or that lost files, and writes what rounds left of its index.
  Status sync_names();

  // --- reader ---

  LogEnds ends() const;
  // What the recovery-point checkpoint may say: everything below is durable with its indexes.
  Offset recovery_point() const { return ends().flushed_end.offset; }
  // Whole batches from the one that holds `from` (or the first after it) up to `upper` (exclusive; a high watermark or last
  // stable offset; batches that reach past it are left out), at most bytes_max unless at_least_one asks for the first one.
  // One segment at a time. Errc::out_of_range when from < log start or from > log end. Empty when there is nothing below upper.
  // With Patience::never_waits Errc::would_wait when a file would have to be opened, or only a disk could tell (the index, the header of a batch).
  Result<LogRange> locate(Offset from, Offset upper, uint32_t bytes_max, bool at_least_one, Patience patience = Patience::waits) const;
  // min(high_watermark, first offset of a transaction that is open or whose end lies above the high watermark).
  Offset last_stable_offset(Offset high_watermark) const;
  // The aborted transactions with records in [from, upper). Errc::io or corrupt when a transaction index cannot be read, for then nobody
  // may take what lies there for committed; with Patience::never_waits Errc::would_wait.
  Result<std::vector<AbortedTransaction>> aborted_transactions(Offset from, Offset upper, Patience patience = Patience::waits) const;

  // ListOffsets. The first record at or after log start with a timestamp of at least `timestamp_ms`, below `upper`.
  Result<TimestampHit> find_timestamp(int64_t timestamp_ms, Offset upper, CodecScratch& scratch) const;
  // The greatest timestamp of the log and the offset Kafka names for it.
  Result<TimestampHit> max_timestamp(CodecScratch& scratch) const;
  // Log start with the epoch that began at or before it (-1 when none did).
  TimestampHit earliest() const;
  LeaderEpoch latest_epoch() const;  // -1: none
  EpochEnd end_offset_for(LeaderEpoch epoch) const;

  // Where a cleaner would begin and end. `clean_end` is what the checkpoint says, nullopt: nothing was ever cleaned.
  Result<Dirt> dirt(std::optional<Offset> clean_end, Offset last_stable_offset, const CompactionLags& lags, int64_t now_ms) const;
  // What a cleaner of that part needs to know of the log: segments, producers, sizes. The rest of the job is the caller's.
  Result<CleaningJob> cleaning_job(const Dirt& dirt) const;

  std::vector<ProducerView> producers() const;
  uint64_t size_bytes() const;  // of the segment files
  size_t segment_count() const;
  const TopicPartition& partition() const;
  const std::string& path() const;  // of its directory
  bool failed() const;              // closed for good by a failure
  Status failure() const;           // why; ok while it is not

 private:
  explicit PartitionLog(std::unique_ptr<LogState> state);
  std::unique_ptr<LogState> state_;
};

}  // namespace milena
