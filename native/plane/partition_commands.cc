// main's commands on partitions (src/runtime/ports.ts says what each means). None waits for a file: what a command changes for readers is
// changed when it returns, file work follows on the lane.
#include <algorithm>

#include "plane/partitions.h"

namespace milena {

namespace {

constexpr size_t topic_name_chars_max = 249;

// Kafka's rule; here it keeps a name from leading out of the log directory.
bool is_topic_name(std::string_view name) {
  const auto legal = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'; };
  return !name.empty() && name.size() <= topic_name_chars_max && name != "." && name != ".." && std::all_of(name.begin(), name.end(), legal);
}

// Reads a range for main. The range is bounded by read_bytes_max, except for a larger first batch.
KafkaError read_range(const Partition& partition, const abi::ReadCommand& command, std::vector<std::byte>& into) {
  const PartitionView view = partition.view();
  if (view.error != KafkaError::none) return view.error;
  if (view.log == nullptr) return command.from == 0 ? KafkaError::none : KafkaError::offset_out_of_range;
  if (command.from < view.log_start.value || command.from > view.log_end.value) return KafkaError::offset_out_of_range;
  const Result<LogRange> range = view.log->locate({command.from}, view.high_watermark, std::min(command.max_bytes, read_bytes_max), true);
  if (!range) return range.why().code == Errc::out_of_range ? KafkaError::offset_out_of_range : KafkaError::kafka_storage_error;
  into.resize(range->size);
  if (range->size == 0) return KafkaError::none;
  const Result<size_t> read = range->file->read_at(range->position, into);
  return read && *read == into.size() ? KafkaError::none : KafkaError::kafka_storage_error;
}

abi::PartitionFacts facts_of(const Partition& partition, abi::QueryWhat what) {
  abi::PartitionFacts facts;
  const PartitionView view = partition.view();
  facts.error = code_of(view.error);
  if (view.error != KafkaError::none || view.log == nullptr) return facts;
  facts.log_start_offset = view.log_start.value;
  facts.high_watermark = view.high_watermark.value;
  facts.last_stable_offset = view.last_stable.value;
  facts.log_end_offset = view.log_end.value;
  facts.size_bytes = static_cast<int64_t>(view.log->size_bytes());
  if (what != abi::QueryWhat::producers) return facts;
  for (const ProducerView& producer : view.log->producers()) {
    facts.producers.push_back({producer.producer_id.value, producer.producer_epoch, producer.last_sequence, producer.last_timestamp_ms,
                               producer.coordinator_epoch, producer.transaction_start.value});
  }
  return facts;
}

}  // namespace

void Partitions::refuse_lead(const abi::LeadCommand& command, KafkaError error, std::string_view why) {
  sink_.led({command.partition, code_of(error), -1, -1, why});
}

std::shared_ptr<const PartitionConfig> Partitions::config_of(const abi::LogConfig& from, Lane& lane) {
  auto config = configs_.get(from);
  if (config->write_caching && config->flush_ms < INT64_MAX) lane.expect_timed_flushes();
  return config;
}

void Partitions::lead(const abi::LeadCommand& command) {
  const std::lock_guard lock(commands_mutex_);
  if (is_closed_) return refuse_lead(command, KafkaError::not_leader_or_follower, "the broker is stopping");
  if (command.log_dir >= lanes_.size()) return refuse_lead(command, KafkaError::log_dir_not_found, "there is no such log directory");
  if (!is_topic_name(command.topic)) return refuse_lead(command, KafkaError::invalid_topic_exception, "not a topic name");
  if (const auto known = table_.find(command.partition)) {
    if (command.leader_epoch < known->leader_epoch().value) {
      return refuse_lead(command, KafkaError::fenced_leader_epoch, "the partition is led at a later epoch");
    }
    Lane& lane = lane_of(*known);
    known->lead({command.leader_epoch}, config_of(command.config, lane), [&lane](Partition& self) { lane.report_led_again(self); });
    return;
  }
  Lane& lane = *lanes_[command.log_dir];
  PartitionIdentity identity{command.partition, TopicId{command.topic_id}, std::string(command.topic), command.partition_index, command.log_dir, command.is_internal};
  auto partition = std::make_shared<Partition>(std::move(identity), lane, LeaderEpoch{command.leader_epoch}, command.is_new, config_of(command.config, lane));
  if (!table_.insert(partition)) {
    return refuse_lead(command, KafkaError::unknown_server_error, "its handle, or its topic's name or id, belongs to another partition");
  }
  lane.open(std::move(partition));
}

void Partitions::set_config(const abi::SetConfigCommand& command) {
  const std::lock_guard lock(commands_mutex_);
  if (is_closed_) return;
  if (const auto partition = table_.find(command.partition)) partition->set_config(config_of(command.config, lane_of(*partition)));
}

void Partitions::drop(const abi::DropCommand& command) {
  const std::lock_guard lock(commands_mutex_);
  if (is_closed_) return sink_.done({command.ticket, code_of(KafkaError::not_leader_or_follower), -1});
  const auto partition = table_.erase(command.partition);
  if (partition == nullptr) return sink_.done({command.ticket, code_of(KafkaError::unknown_topic_or_partition), -1});
  // What Kafka answers to those who still wait for a topic that is deleted.
  partition->stop(KafkaError::unknown_topic_or_partition);
  lane_of(*partition).remove(partition, command.ticket);
}

void Partitions::delete_before(const abi::DeleteBeforeCommand& command) {
  const std::lock_guard lock(commands_mutex_);
  if (is_closed_) return sink_.done({command.ticket, code_of(KafkaError::not_leader_or_follower), -1});
  const auto partition = table_.find(command.partition);
  Offset to{command.offset};
  const KafkaError error = partition == nullptr ? KafkaError::unknown_topic_or_partition : partition->advance_start(to);
  if (error != KafkaError::none) return sink_.done({command.ticket, code_of(error), -1});
  partition->post_job([this, to, ticket = command.ticket](Partition& self) {
    PartitionLog* const log = self.log();
    KafkaError result = self.view().error;
    if (result == KafkaError::not_leader_or_follower && log != nullptr) result = KafkaError::none;  // closing: the log is still open
    if (result == KafkaError::none && !log->delete_before(to, clock_.wall_ms())) {
      result = KafkaError::kafka_storage_error;
      if (log->failed()) self.fail(log->failure(), "deleting records failed");
    }
    sink_.done({ticket, code_of(result), result == KafkaError::none ? to.value : -1});
  });
}

void Partitions::append(const abi::AppendCommand& command) {
  const std::lock_guard lock(commands_mutex_);
  if (is_closed_) return sink_.appended({command.ticket, code_of(KafkaError::not_leader_or_follower), -1});
  const auto partition = table_.find(command.partition);
  if (partition != nullptr) main_appends_.place(*partition, command);
  else sink_.appended({command.ticket, code_of(KafkaError::unknown_topic_or_partition), -1});
}

void Partitions::read(const abi::ReadCommand& command) {
  const std::lock_guard lock(commands_mutex_);
  if (is_closed_) return sink_.read_done({command.ticket, code_of(KafkaError::not_leader_or_follower), {}});
  auto partition = table_.find(command.partition);
  if (partition == nullptr) return sink_.read_done({command.ticket, code_of(KafkaError::unknown_topic_or_partition), {}});
  Lane& lane = lane_of(*partition);
  lane.post([this, partition = std::move(partition), command] {
    std::vector<std::byte> batches;
    const KafkaError error = read_range(*partition, command, batches);
    sink_.read_done({command.ticket, code_of(error), error == KafkaError::none ? Bytes(batches) : Bytes()});
  });
}

void Partitions::watch(const abi::WatchCommand& command) {
  const std::lock_guard lock(commands_mutex_);
  if (const auto partition = table_.find(command.partition)) partition->watch();
}

void Partitions::query(const abi::QueryCommand& command) {
  abi::QueriedEvent event;
  event.ticket = command.ticket;
  event.partitions.reserve(command.partitions.size());
  const std::lock_guard lock(commands_mutex_);
  for (const abi::PartitionHandle handle : command.partitions) {
    const auto partition = is_closed_ ? nullptr : table_.find(handle);
    if (partition != nullptr) {
      event.partitions.push_back(facts_of(*partition, command.what));
    } else {
      abi::PartitionFacts unknown;
      unknown.error = code_of(KafkaError::unknown_topic_or_partition);
      event.partitions.push_back(std::move(unknown));
    }
  }
  sink_.queried(event);
}

}  // namespace milena
