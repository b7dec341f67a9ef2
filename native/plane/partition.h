// One partition led by this broker: its append queue, who waits at it, and the offsets it has published.
// Owner: PartitionTable, and by shared_ptr whoever is at work on it. Thread: any, except for what only the holder of the drainer role
// may do: drain, lane_turn, opened.
// Invariant: log end >= flushed end >= high watermark >= last stable offset (write.caching: log end >= high watermark).
// No lock is held over a file call or a call of the log; the mutex guards lists and pointers only.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/kafka_error.h"
#include "log/partition_log.h"
#include "log/topic_partition.h"
#include "plane/append.h"
#include "plane/append_queue.h"
#include "plane/drain_turn.h"
#include "plane/partition_config.h"
#include "plane/partition_host.h"
#include "plane/syncable.h"
#include "plane/waiters.h"

namespace milena {

inline constexpr uint64_t append_queue_bytes_max = 8u << 20;  // beyond it, connections stop
inline constexpr uint64_t append_queue_bytes_low = 4u << 20;  // until no more than this is left

struct PartitionIdentity {
  abi::PartitionHandle handle;
  TopicId topic_id{};
  std::string topic;
  int32_t index = 0;
  uint32_t log_dir = 0;
  bool is_internal = false;
};

enum class Placement : uint8_t {
  placed,
  crowded,            // placed too, but the connection must not read on before await_room() says so
  overloaded,         // the log directory has more bytes waiting than it may hold: not placed, answer REQUEST_TIMED_OUT
  not_leader,         // not placed: opening, closing or another epoch; NOT_LEADER_OR_FOLLOWER
  unknown_partition,  // not placed: dropped; UNKNOWN_TOPIC_OR_PARTITION
  storage_error,      // not placed: the log failed; KAFKA_STORAGE_ERROR
};
inline bool is_placed(Placement placement) { return placement <= Placement::crowded; }
KafkaError error_of(Placement placement);  // none when placed

struct Enqueued {
  Placement placement;
  bool drain;  // the caller holds the drainer role now: its thread must call drain() at the end of its round
};

// What readers see, as of one moment.
struct PartitionView {
  KafkaError error = KafkaError::none;  // NOT_LEADER_OR_FOLLOWER, UNKNOWN_TOPIC_OR_PARTITION or KAFKA_STORAGE_ERROR: nothing is served
  LeaderEpoch leader_epoch{-1};
  Offset log_start{0};
  Offset last_stable{0};     // upper bound of read_committed
  Offset high_watermark{0};  // upper bound of everybody else
  Offset log_end{0};
  PartitionLog* log = nullptr;  // null while a new partition's log is being created: it is empty. Valid while the partition is held.
};

// What the checkpoint files say of a partition.
struct PartitionCheckpoint {
  Offset recovery_point{-1};
  Offset high_watermark{-1};
  Offset log_start{-1};
  bool operator==(const PartitionCheckpoint&) const = default;
};

class Partition final : public Syncable, public std::enable_shared_from_this<Partition> {
 public:
  // Runs with the drainer role, on the lane's thread, before batches that are placed after it was posted.
  using Job = std::function<void(Partition&)>;

  // Starts with the drainer role given to the lane, which opens the log and calls opened().
  Partition(PartitionIdentity identity, PartitionHost& host, LeaderEpoch leader_epoch, bool is_new, std::shared_ptr<const PartitionConfig> config);
  ~Partition() override;

  const PartitionIdentity& identity() const { return identity_; }
  std::shared_ptr<const PartitionConfig> config() const;
  PartitionView view() const;
  LeaderEpoch leader_epoch() const { return {leader_epoch_.load(std::memory_order_acquire)}; }
  Offset high_watermark() const { return {high_watermark_.load(std::memory_order_seq_cst)}; }

  // ---- producing (owners) ----
  // Gives the batch its place. Not placed: it stays the caller's, error set. `payload` and `batch` must be set.
  Enqueued enqueue(Append& append);
  // One gather: takes what waits, writes it, answers acks 0 and 1, parks acks=all until the high watermark passes, then gives up the
  // drainer role or passes it on. Only by the holder of the role, once per role received.
  void drain();
  // drain() in two halves, for several partitions of one thread at once (drain_round.h): between them whoever has written turn.write sets
  // turn.is_written; otherwise the second half writes it.
  void begin_drain(DrainTurn& turn);
  void finish_drain(DrainTurn& turn);
  // At the deadline of an acks=all batch. True: it was still parked and is the owner's again (answer REQUEST_TIMED_OUT). False: its
  // completed() is coming; if it was still queued, then with REQUEST_TIMED_OUT after the write at the latest.
  bool abandon(Append& append);
  // Stands in line for room. False: there is room now, read on. True: owner->room(waiter) will come unless forget_room() is true.
  bool await_room(SpaceWaiter& waiter);
  // Leaves the line. False: it was not in line; owner->room(waiter) has been or is being called.
  bool forget_room(SpaceWaiter& waiter);

  // ---- fetching (owners) ----
  // Parks a fetch until the bound of its kind is above `seen` or the partition stops serving. False: that is so already, nothing was
  // registered, look again.
  bool await_fetch(FetchWait& wait);
  void forget_fetch(FetchWait& wait);  // does nothing when it is not registered

  // ---- commands (main's thread) ----
  // A new leader epoch: batches queued under the old one are answered NOT_LEADER_OR_FOLLOWER, `then` runs once the log has recorded it.
  void lead(LeaderEpoch epoch, std::shared_ptr<const PartitionConfig> config, Job then);
  void set_config(std::shared_ptr<const PartitionConfig> config);
  void watch();  // reports where the high watermark is, if not at 0, and whenever it moves
  // Publishes a new log start at once and returns it; -1 stands for the high watermark. OFFSET_OUT_OF_RANGE beyond the high
  // watermark, POLICY_VIOLATION where only compaction may remove.
  KafkaError advance_start(Offset& to);
  // Stops serving for good; everything queued or parked is answered `error`. Idempotent, the first reason counts.
  void stop(KafkaError error);
  // Refuses new batches, lets those placed go through.
  void refuse_appends();

  // ---- lane ----
  void post_job(Job job);
  // As drain(), with the jobs between taking the batches and writing them (while closing: once nothing is queued). Only on the
  // lane's thread, holding the role.
  void lane_turn();
  void begin_lane_turn(DrainTurn& turn);  // then finish_drain()
  // The log is open, or why it is not (cancelled: the broker is stopping, nothing is reported); either passes the role to the lane.
  void opened(std::unique_ptr<PartitionLog> log);
  void open_failed(Status why, const std::string& message);
  PartitionLog* log() const { return log_.load(std::memory_order_acquire); }
  // A write or sync failed: closes for good, answers KAFKA_STORAGE_ERROR, reports.
  void fail(Status why, const std::string& message);
  // Bars the syncer from the log, for good. False: a sync is in flight; `retry` becomes a job when it is over.
  bool retire(Job retry);
  // Group commit: sync() makes the log durable, or the caller does with what begin_sync() names; synced() publishes what that achieved.
  SyncStart begin_sync() override;
  Status sync() override;
  void synced(Status status) override;
  // Asks for a sync when the flush.ms of a write.caching partition has passed since the last one.
  void flush_if_due(int64_t now_ms);
  // Nothing is queued, being written or parked.
  bool is_quiet() const;
  PartitionCheckpoint checkpointed;  // of the one who writes the lane's checkpoints

 private:
  // opening_new: serves as an empty log while its files are made. stopped: stop_error_ says what is answered.
  enum class Phase : uint8_t { opening_new, opening, leading, closing, stopped };

  // partition_drain.cc
  Placement refusal(LeaderEpoch epoch) const;
  void take(DrainTurn& turn);
  void begin_write(DrainTurn& turn);
  void finish_write(DrainTurn& turn);
  struct Written {
    bool needs_sync = false;
    bool moved_high_watermark = false;
  };
  Written take_stock(const DrainTurn& turn);
  bool flush_is_due(const LogEnds& ends) const;
  SyncScope due_scope() const;
  void answer(std::span<Append* const> batches);
  void hand_on();
  void run_jobs();

  // partition_wait.cc
  void park(Append& append);
  void complete(Append& append);
  static void complete_chain(Append* chain, KafkaError error);
  void release_satisfied();
  void wake_fetches(bool all);
  void wake_space();

  Phase phase() const { return phase_.load(std::memory_order_seq_cst); }
  KafkaError stop_error() const { return static_cast<KafkaError>(stop_error_.load(std::memory_order_acquire)); }
  bool raise_high_watermark();
  void announce_high_watermark();
  void advance_high_watermark() {
    if (raise_high_watermark()) announce_high_watermark();
  }
  void report_high_watermark();

  const PartitionIdentity identity_;
  PartitionHost& host_;
  AppendQueue queue_{true};

  std::atomic<PartitionLog*> log_{nullptr};  // set once, owned by log_owner_
  std::unique_ptr<PartitionLog> log_owner_;
  std::atomic<Phase> phase_;
  std::atomic<int16_t> stop_error_{0};
  std::atomic<int32_t> leader_epoch_;
  std::atomic<int64_t> high_watermark_{0};
  std::atomic<int64_t> start_floor_{0};  // of DeleteRecords, ahead of the log's own
  std::atomic<bool> write_caching_;
  std::atomic<int64_t> flush_messages_;
  std::atomic<bool> watched_{false};
  std::atomic<int64_t> flushed_at_ms_{0};
  bool sync_begun_ = false;     // the syncer's: the log waits for end_sync()
  bool sync_is_whole_ = false;  // the syncer's: the sync under way covers the active segment
  bool write_failing_ = false;  // the drainer's: reported once until a write succeeds

  // Whether the lists below hold anything: looked at without the mutex after publishing what they wait for.
  std::atomic<uint32_t> acks_waiting_{0};
  std::atomic<uint32_t> fetches_waiting_{0};
  std::atomic<uint32_t> space_waiting_{0};

  mutable std::mutex mutex_;
  // Guarded by mutex_:
  std::shared_ptr<const PartitionConfig> config_;
  AckWaiters acks_;
  WaitList<FetchWait> fetches_;
  WaitList<SpaceWaiter> space_;
  std::vector<Job> jobs_;
  Job after_sync_;
  Offset reported_{-1};
  bool syncing_ = false;
  bool retired_ = false;
};

}  // namespace milena
