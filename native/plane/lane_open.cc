// Opening and removing the logs of a lane.
#include <cstring>

#include "plane/lane.h"

namespace milena {

namespace {

TopicPartition name_of(const Partition& partition) { return {partition.identity().topic, partition.identity().index}; }

std::string shown(const TopicPartition& name) { return name.topic + "-" + std::to_string(name.partition); }

}  // namespace

void Lane::open(std::shared_ptr<Partition> partition) {
  {
    const std::lock_guard lock(mutex_);
    if (opening_.pending++ == 0) opening_.noticed_ms = monotonic_ms();
    const auto removed_first = removing_.find(name_of(*partition));
    if (removed_first != removing_.end()) {
      removed_first->second.push_back(std::move(partition));
      return;
    }
  }
  submit_open(std::move(partition));
}

void Lane::submit_open(std::shared_ptr<Partition> partition) {
  blocking_.submit([this, partition = std::move(partition)] {
    open_now(partition);
    count_opened();
  });
}

void Lane::open_now(const std::shared_ptr<Partition>& partition) {
  const bool is_dropped = partition->view().error == KafkaError::unknown_topic_or_partition;
  if (is_dropped || cancel_.load()) {
    partition->open_failed({Errc::cancelled, 0}, "");
    return report_not_led(*partition, KafkaError::not_leader_or_follower, "the partition was dropped, or the broker stopped, before its log was opened");
  }
  const TopicPartition name = name_of(*partition);
  std::string failure;
  int64_t noticed_ms = monotonic_ms();
  PartitionLogOptions options;
  options.partition = name;
  options.topic_id = partition->identity().topic_id;
  options.config = partition->config()->log;
  options.now_ms = clock_.wall_ms();
  options.cancel = &cancel_;
  options.failure = &failure;
  options.progress = [&](uint64_t done, uint64_t total) {
    const int64_t now_ms = monotonic_ms();
    if (now_ms - noticed_ms < open_notice_interval_ms) return;
    noticed_ms = now_ms;
    notice(NoticeLevel::info, "recovering " + shown(name) + ": " + std::to_string(done) + " of " + std::to_string(total) + " bytes");
  };
  {
    const std::lock_guard lock(mutex_);
    options.jitter_seed = random_();
  }
  Result<std::unique_ptr<PartitionLog>> log = PartitionLog::open(*directory_, std::move(options));
  Status status = log.why();
  if (status) status = (*log)->begin_epoch(partition->leader_epoch());
  if (!status) {
    partition->open_failed(status, failure);
    return report_not_led(*partition, KafkaError::kafka_storage_error, failure);
  }
  const LogEnds ends = (*log)->ends();  // before anybody appends
  partition->opened(std::move(*log));
  report_led(*partition, ends);
}

void Lane::report_led(const Partition& partition, const LogEnds& ends) {
  sink_.led({partition.identity().handle, code_of(KafkaError::none), ends.log_start.value, ends.log_end.offset.value, {}});
}

void Lane::report_led_again(const Partition& partition) {
  const PartitionLog* const log = partition.log();
  if (log != nullptr && !log->failed()) report_led(partition, log->ends());
  else report_not_led(partition, KafkaError::kafka_storage_error, "the log is closed after a failure");
}

void Lane::report_not_led(const Partition& partition, KafkaError error, const std::string& message) {
  sink_.led({partition.identity().handle, code_of(error), -1, -1, message});
}

void Lane::count_opened() {
  std::string message;
  {
    const std::lock_guard lock(mutex_);
    opening_.pending--;
    opening_.opened++;
    const int64_t now_ms = monotonic_ms();
    const bool is_time = now_ms - opening_.noticed_ms >= open_notice_interval_ms;
    if (!is_time && opening_.opened - opening_.noticed < open_notice_partitions) return;
    opening_.noticed_ms = now_ms;
    opening_.noticed = opening_.opened;
    message = std::to_string(opening_.opened) + " partitions of " + directory_->path() + " opened, " + std::to_string(opening_.pending) + " to go";
  }
  notice(NoticeLevel::info, message);
}

// ---- removal ----

void Lane::remove(std::shared_ptr<Partition> partition, int64_t ticket) {
  {
    const std::lock_guard lock(mutex_);
    removing_.try_emplace(name_of(*partition));
  }
  partition->post_job([this, ticket](Partition& self) { finish_removal(self, ticket); });
}

void Lane::finish_removal(Partition& partition, int64_t ticket) {
  if (!partition.retire([this, ticket](Partition& self) { finish_removal(self, ticket); })) return;
  // The partition is stopped and its syncer gone, so nobody writes any more and the log can be closed without the drainer role.
  keep([this, ticket, self = partition.shared_from_this()] {
    const KafkaError error = delete_files(*self);
    const TopicPartition name = name_of(*self);
    std::vector<std::shared_ptr<Partition>> successors;
    {
      const std::lock_guard lock(mutex_);
      gone_.push_back(name);
      const auto removed = removing_.find(name);
      if (removed != removing_.end()) {
        successors.swap(removed->second);
        removing_.erase(removed);
        removed_.notify_all();
      }
    }
    for (auto& successor : successors) submit_open(std::move(successor));
    sink_.done({ticket, code_of(error), -1});
    tick();  // there is something to be removed later
  });
}

KafkaError Lane::delete_files(Partition& partition) {
  PartitionLog* const log = partition.log();
  if (log != nullptr) {
    // Whoever still renames files of this log is waited for.
    if (const Status status = log->close(); !status && !log->failed()) notice(NoticeLevel::warn, "closing " + log->path() + " before its removal failed");
    log->let_go();
  }
  const Status status = directory_->delete_partition(name_of(partition), random_name(), clock_.wall_ms(), partition.config()->log->file_delete_delay_ms);
  return status || status.code == Errc::not_found ? KafkaError::none : KafkaError::kafka_storage_error;
}

TopicId Lane::random_name() {
  TopicId name;
  const std::lock_guard lock(mutex_);
  for (size_t at = 0; at < name.bytes.size(); at += sizeof(uint64_t)) {
    const uint64_t word = random_();
    std::memcpy(name.bytes.data() + at, &word, sizeof word);
  }
  return name;
}

}  // namespace milena
