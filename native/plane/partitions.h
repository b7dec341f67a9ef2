// The partition side of one data plane: log directories with a lane each, the table of partitions, and main's commands on them.
// Owner: DataPlane. Thread: any; quiesce and close by one, while others may still send commands.
// Whoever holds partitions by shared_ptr (caches, waiters) lets go of them before this is destroyed.
#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "os/file.h"
#include "plane/abi.gen.h"
#include "plane/config_pool.h"
#include "plane/counters.h"
#include "plane/event_sink.h"
#include "plane/lane.h"
#include "plane/main_appends.h"
#include "plane/partition_table.h"

namespace milena {

struct PartitionsOptions {
  std::vector<std::string> log_dirs;
  bool lane_mode = false;                  // appends by the lane's thread instead of the owners'
  uint64_t queued_bytes_max = UINT64_MAX;  // waiting to be written, for one log directory
  int64_t producer_id_expiration_ms = 86'400'000;
  int64_t retention_check_interval_ms = 300'000;
  int64_t recovery_point_checkpoint_interval_ms = 60'000;
  uint32_t recovery_threads_per_data_dir = 2;
  DiskBackends backends;               // available ones
  uint64_t seed = 0;                   // chance, for names of deleted directories and segment.jitter.ms
  bool take_lock = true;               // false only for file systems in memory
  std::optional<std::string> boot_id;  // default: the machine's
};

// Why a plane cannot open: `path` is the directory at fault; Errc::locked or Errc::io.
struct OpenFailure {
  Status why;
  std::string path;
};

inline constexpr uint32_t read_bytes_max = 16u << 20;  // one `read` of main's returns no more, a larger first batch excepted

class Partitions {
 public:
  // Locks and reads the directories, starts the lanes. Null: see `failure`. Everything referenced outlives the result. Blocking.
  static std::unique_ptr<Partitions> open(FileSystem& files, const Clock& clock, EventSink& sink, Counters& counters, PartitionsOptions options,
                                          OpenFailure& failure);
  ~Partitions();  // without close() this is a crash: the next start recovers

  const PartitionTable& table() const { return table_; }
  Lane& lane(size_t log_dir) { return *lanes_[log_dir]; }

  // Each has taken effect when it returns and waits for no file. A stale handle is answered with UNKNOWN_TOPIC_OR_PARTITION, anything
  // after close() began with NOT_LEADER_OR_FOLLOWER; both are ignored where there is no answer.
  void lead(const abi::LeadCommand& command);
  void set_config(const abi::SetConfigCommand& command);
  void drop(const abi::DropCommand& command);
  void delete_before(const abi::DeleteBeforeCommand& command);
  void append(const abi::AppendCommand& command);
  void read(const abi::ReadCommand& command);
  void watch(const abi::WatchCommand& command);
  void query(const abi::QueryCommand& command);
  // Compaction (cleaning_commands.cc): how dirty logs are, what a worker needs to clean one, and taking over what it made. Answered from
  // threads that keep house for the lane, because all three look at files.
  void dirt(const abi::DirtCommand& command);
  void plan_cleaning(const abi::PlanCleaningCommand& command);
  void replace_segments(const abi::ReplaceSegmentsCommand& command);

  // First half of a stop, while the owners still run: refuses new batches, waits until those placed are answered (completed and
  // take_drain must still be handled). Blocking, idempotent.
  void quiesce();
  // Second half, when no owner runs any more: closes every log, writes checkpoints and clean-shutdown markers, joins every thread.
  // Blocking, idempotent.
  void close();

 private:
  Partitions(const Clock& clock, EventSink& sink, PartitionsOptions options);
  void refuse_lead(const abi::LeadCommand& command, KafkaError error, std::string_view why);
  std::shared_ptr<const PartitionConfig> config_of(const abi::LogConfig& from, Lane& lane);
  Lane& lane_of(const Partition& partition) { return *lanes_[partition.identity().log_dir]; }

  const Clock& clock_;
  EventSink& sink_;
  const PartitionsOptions options_;
  ConfigPool configs_;
  MainAppends main_appends_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  PartitionTable table_;  // after the lanes: its partitions go before the directories they belong to
  bool quiesced_ = false;
  std::mutex commands_mutex_;  // guards configs_ and is_closed_; never held over a file call
  bool is_closed_ = false;
};

}  // namespace milena
