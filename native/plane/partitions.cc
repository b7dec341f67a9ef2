// Opening and stopping of the partition side. The commands are in partition_commands.cc.
#include "plane/partitions.h"

#include <utility>

namespace milena {

Partitions::Partitions(const Clock& clock, EventSink& sink, PartitionsOptions options)
    : clock_(clock), sink_(sink), options_(std::move(options)), configs_(options_.producer_id_expiration_ms), main_appends_(sink) {}

std::unique_ptr<Partitions> Partitions::open(FileSystem& files, const Clock& clock, EventSink& sink, Counters& counters, PartitionsOptions options,
                                             OpenFailure& failure) {
  std::unique_ptr<Partitions> plane(new Partitions(clock, sink, std::move(options)));
  const PartitionsOptions& given = plane->options_;
  for (uint32_t at = 0; at < given.log_dirs.size(); at++) {
    failure.path = given.log_dirs[at];
    LogDirectoryOptions directory_options;
    directory_options.take_lock = given.take_lock;
    directory_options.boot_id = given.boot_id;
    directory_options.notice = [&sink](NoticeLevel level, const std::string& message) {
      sink.notice({static_cast<abi::NoticeLevel>(level), message});
    };
    Result<std::unique_ptr<LogDirectory>> directory = LogDirectory::open(files, given.log_dirs[at], std::move(directory_options));
    failure.why = directory.why();
    if (!directory) return nullptr;
    LaneOptions lane;
    lane.log_dir = at;
    lane.lane_mode = given.lane_mode;
    lane.queued_bytes_max = given.queued_bytes_max;
    lane.retention_check_interval_ms = given.retention_check_interval_ms;
    lane.checkpoint_interval_ms = given.recovery_point_checkpoint_interval_ms;
    lane.recovery_threads = given.recovery_threads_per_data_dir;
    lane.backends = given.backends;
    lane.seed = given.seed + at;
    plane->lanes_.push_back(std::make_unique<Lane>(std::move(*directory), plane->table_, clock, sink, counters, lane));
    if (!plane->lanes_.back()->start()) {
      failure.why = Status::io(EAGAIN);
      return nullptr;
    }
  }
  return plane;
}

Partitions::~Partitions() {
  for (const auto& lane : lanes_) lane->stop_threads();
}

void Partitions::quiesce() {
  if (quiesced_) return;
  quiesced_ = true;
  for (const auto& lane : lanes_) lane->cancel_opening();
  for (const auto& partition : table_.all()) partition->refuse_appends();
  for (const auto& lane : lanes_) lane->drain_pending();
}

void Partitions::close() {
  quiesce();
  {
    const std::lock_guard lock(commands_mutex_);
    if (std::exchange(is_closed_, true)) return;
  }
  for (const auto& lane : lanes_) lane->stop_threads();
  for (const auto& lane : lanes_) lane->close_logs();
}

}  // namespace milena
