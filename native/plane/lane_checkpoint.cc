// What a lane writes about its logs: checkpoint files while it runs, everything when it stops.
#include <algorithm>
#include <set>
#include <system_error>

#include "plane/lane.h"

namespace milena {

void Lane::write_checkpoints_soon() {
  checkpoint_asked_.store(true);
  if (checkpoint_running_.exchange(true)) return;
  blocking_.submit([this] {
    do {
      while (checkpoint_asked_.exchange(false)) write_checkpoints(mine());
      checkpoint_running_.store(false);
    } while (checkpoint_asked_.load() && !checkpoint_running_.exchange(true));
  });
}

bool Lane::write_checkpoints(std::span<const std::shared_ptr<Partition>> partitions) {
  std::vector<TopicPartition> gone;
  {
    const std::lock_guard lock(mutex_);
    gone.swap(gone_);
  }
  OffsetMap offsets[checkpoint_kinds];
  const auto of = [&offsets](Checkpoint which) -> OffsetMap& { return offsets[static_cast<size_t>(which)]; };
  std::vector<std::pair<Partition*, PartitionCheckpoint>> changed;
  for (const auto& partition : partitions) {
    const PartitionLog* const log = partition->log();
    if (log == nullptr) continue;
    const LogEnds ends = log->ends();
    const PartitionCheckpoint now{ends.flushed_end.offset, partition->high_watermark(), ends.log_start};
    // Of a hundred thousand partitions, hardly any has moved since a second ago.
    if (gone.empty() && now == partition->checkpointed) continue;
    if (partition->view().error == KafkaError::unknown_topic_or_partition) continue;
    const TopicPartition name{partition->identity().topic, partition->identity().index};
    std::erase(gone, name);  // removed and made anew
    of(Checkpoint::recovery_point)[name] = now.recovery_point;
    of(Checkpoint::high_watermark)[name] = now.high_watermark;
    if (now.log_start > Offset{0}) of(Checkpoint::log_start)[name] = now.log_start;
    changed.emplace_back(partition.get(), now);
  }
  for (const Checkpoint which : {Checkpoint::recovery_point, Checkpoint::high_watermark, Checkpoint::log_start}) {
    const Status status = directory_->merge_checkpoint(which, of(which), gone);
    if (status) continue;
    notice(NoticeLevel::error, "the checkpoint files of " + directory_->path() + " could not be written: " + std::generic_category().message(status.cause));
    const std::lock_guard lock(mutex_);
    gone_.insert(gone_.end(), gone.begin(), gone.end());
    return false;
  }
  for (const auto& [partition, now] : changed) partition->checkpointed = now;
  return true;
}

// The marker says that no log of the directory needs recovery. If the last stop was not clean, that holds only for those opened since; one that was
// still to be made (its opening was cancelled) has no directory and needs nothing. Null: the directory cannot be read.
std::optional<size_t> Lane::unrecovered(std::span<const std::shared_ptr<Partition>> partitions) {
  if (directory_->was_clean()) return 0;
  std::set<TopicPartition> open;
  for (const auto& partition : partitions) {
    if (partition->log() != nullptr) open.insert({partition->identity().topic, partition->identity().index});
  }
  const Result<std::vector<PartitionDirectory>> present = directory_->list_partitions();
  if (!present) return std::nullopt;
  return static_cast<size_t>(std::ranges::count_if(*present, [&open](const PartitionDirectory& directory) {
    return directory.kind == PartitionDirectoryKind::live && !open.contains(directory.partition);
  }));
}

void Lane::close_logs() {
  const std::vector<std::shared_ptr<Partition>> partitions = mine();
  std::atomic<uint32_t> failures{0};
  {
    WorkerPool closing("milena-close", sync_threads_max);  // it is the disk that is waited for
    for (const auto& partition : partitions) {
      PartitionLog* const log = partition->log();
      if (log == nullptr) continue;
      closing.submit([&failures, log] {
        if (log->failed() || !log->close()) failures.fetch_add(1);
      });
    }
    closing.stop();
  }
  const bool is_written = write_checkpoints(partitions);
  const std::optional<size_t> left = unrecovered(partitions);
  if (failures.load() > 0 || left.value_or(0) > 0) {
    notice(NoticeLevel::warn, std::to_string(failures.load() + left.value_or(0)) + " logs of " + directory_->path() + " were not closed cleanly and will be recovered at the next start");
    return;
  }
  if (!is_written || !left) return;
  if (!directory_->mark_clean_shutdown()) notice(NoticeLevel::warn, "the clean shutdown of " + directory_->path() + " could not be recorded");
}

}  // namespace milena
