// The disk side of one log directory: one thread that drains, runs partition jobs and reads for main; group commit; a few threads for
// opening, recovery and checkpoint files; a few that keep house (retention, what compaction asks and hands over, dropped partitions); and
// one that unlinks. Whatever may take long is on one of the latter, so that neither a turn nor an opening waits for it.
// Owner: Partitions. Thread: any, except start and the stopping functions, which are its owner's.
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/clock.h"
#include "log/log_directory.h"
#include "plane/disk_backends.h"
#include "plane/drain_round.h"
#include "plane/event_sink.h"
#include "plane/group_commit.h"
#include "plane/partition.h"
#include "plane/partition_host.h"
#include "plane/partition_table.h"
#include "plane/thread.h"
#include "plane/worker_pool.h"

namespace milena {

inline constexpr size_t keeping_threads_max = 2;               // of one lane, so that no long retention delays a hand-over
inline constexpr int64_t flush_check_interval_ms = 1'000;     // how exactly flush.ms is kept
inline constexpr int64_t checkpoint_after_roll_ms = 1'000;    // a completed segment moves the recovery point within
inline constexpr int64_t open_notice_interval_ms = 5'000;      // a start-up reports its progress that often
inline constexpr uint64_t open_notice_partitions = 1'000;     // and after so many partitions

struct LaneOptions {
  uint32_t log_dir = 0;
  bool lane_mode = false;
  uint64_t queued_bytes_max = UINT64_MAX;
  int64_t retention_check_interval_ms = 300'000;
  int64_t checkpoint_interval_ms = 60'000;
  uint32_t recovery_threads = 2;
  DiskBackends backends;
  uint64_t seed = 0;  // of the names of deleted directories and of segment.jitter.ms
};

class Lane final : public PartitionHost {
 public:
  Lane(std::unique_ptr<LogDirectory> directory, const PartitionTable& table, const Clock& clock, EventSink& sink, Counters& counters, LaneOptions options);
  ~Lane() override;
  // False when the system gives no threads.
  bool start();

  LogDirectory& directory() { return *directory_; }

  // Opens the partition's log on a recovery thread, behind the removal of a predecessor of the same name; reports `led`.
  void open(std::shared_ptr<Partition> partition);
  // The partition was taken out of the table and stopped: closes its log, renames its directory away, reports `done`.
  void remove(std::shared_ptr<Partition> partition, int64_t ticket);
  // Reports `led` for a partition that was open already and has a new leader epoch. With the drainer role.
  void report_led_again(const Partition& partition);
  // Runs on the lane's thread.
  void post(std::function<void()> task);
  // Runs on a thread that may wait for files, and for a log's keeper.
  void keep(std::function<void()> task) { keeping_.submit(std::move(task)); }

  // What is due at this moment, as the lane's own clock would do it; for tests with a clock of theirs.
  void tick();
  GroupCommit& group_commit() { return commit_; }

  // From now on flush.ms of write.caching partitions is looked after.
  void expect_timed_flushes();

  // ---- stopping, in this order; each blocks ----
  void cancel_opening() { cancel_.store(true); }  // logs not yet opened or recovered, and files not yet removed, stay as they are
  void drain_pending();  // refuses new batches, waits until those placed are answered
  void stop_threads();
  void close_logs();     // final sync, snapshots, checkpoints, clean-shutdown marker

  // PartitionHost
  void drain_on_lane(std::shared_ptr<Partition> partition) override;
  void request_sync(std::shared_ptr<Partition> partition) override { commit_.request(std::move(partition)); }
  void high_watermark_moved(const Partition& partition, Offset to) override;
  void log_failed(const Partition& partition, Status why, const std::string& message) override;
  void write_refused(const Partition& partition, Status why) override;
  void segment_completed() override;
  bool lane_mode() const override { return options_.lane_mode; }
  const Clock& clock() const override { return clock_; }
  Counters& counters() override { return counters_; }

 private:
  struct Due {
    int64_t retention_ms, checkpoint_ms, flush_ms;  // monotonic
  };

  // lane.cc
  void run();
  int64_t monotonic_ms() const { return clock_.monotonic_ns() / 1'000'000; }
  int64_t sleep_ms() const;
  int64_t removal_due_ms() const;
  void run_due();
  void check_retention();
  void retain_all();
  void retain(Partition& partition);
  void tidy(Partition& partition);
  void report_retention(Partition& partition, Status why);
  void remove_files_soon();
  std::vector<std::shared_ptr<Partition>> mine() const;
  void notice(NoticeLevel level, const std::string& message) { directory_->notice(level, message); }

  // lane_open.cc
  void submit_open(std::shared_ptr<Partition> partition);
  void open_now(const std::shared_ptr<Partition>& partition);
  void report_led(const Partition& partition, const LogEnds& ends);
  void report_not_led(const Partition& partition, KafkaError error, const std::string& message);
  void count_opened();
  void finish_removal(Partition& partition, int64_t ticket);
  KafkaError delete_files(Partition& partition);
  TopicId random_name();

  // lane_checkpoint.cc
  void write_checkpoints_soon();
  bool write_checkpoints(std::span<const std::shared_ptr<Partition>> partitions);
  std::optional<size_t> unrecovered(std::span<const std::shared_ptr<Partition>> partitions);

  const std::unique_ptr<LogDirectory> directory_;
  const PartitionTable& table_;
  const Clock& clock_;
  EventSink& sink_;
  Counters& counters_;
  const LaneOptions options_;

  RoundSync sync_backend_;
  GroupCommit commit_{sync_backend_, counters_};
  DrainRound drain_round_;
  WorkerPool blocking_;
  WorkerPool keeping_{"milena-keep", keeping_threads_max};
  WorkerPool unlinking_{"milena-unlink", 1};
  Thread thread_;
  std::atomic<bool> cancel_{false};
  std::atomic<bool> checkpoint_running_{false};
  std::atomic<bool> checkpoint_asked_{false};
  std::atomic<bool> retaining_{false};
  std::atomic<bool> removing_files_{false};

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable removed_;  // removing_ became smaller
  // Guarded by mutex_:
  std::vector<std::shared_ptr<Partition>> turns_;
  std::vector<std::function<void()>> tasks_;
  bool stopping_ = false;
  Due due_{};
  std::map<TopicPartition, std::vector<std::shared_ptr<Partition>>> removing_;  // and who waits to be opened behind
  std::vector<TopicPartition> gone_;  // since the last checkpoint
  std::mt19937_64 random_;
  struct {
    uint64_t pending = 0, opened = 0, noticed = 0;
    int64_t noticed_ms = 0;
  } opening_;
};

}  // namespace milena
