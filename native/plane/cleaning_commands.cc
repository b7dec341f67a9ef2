// main's commands about compaction. What they ask of files is asked beside the lane of the log directory,
// whose drainers wait for none of it; the cleaning itself is a worker's.
#include "plane/cleaning_codec.h"
#include "plane/partitions.h"

namespace milena {

namespace {

abi::PartitionDirt failed_dirt(KafkaError error) {
  abi::PartitionDirt dirt;
  dirt.error = code_of(error);
  return dirt;
}

abi::PartitionDirt dirt_of(const Partition& partition, const abi::DirtQuery& query, int64_t now_ms) {
  const PartitionView view = partition.view();
  if (view.error != KafkaError::none) return failed_dirt(view.error);
  if (view.log == nullptr) return {};
  const std::optional<Offset> clean_end = query.clean_end < 0 ? std::nullopt : std::optional(Offset{query.clean_end});
  const auto dirt = view.log->dirt(clean_end, view.last_stable, {query.min_compaction_lag_ms, query.max_compaction_lag_ms}, now_ms);
  if (!dirt) return failed_dirt(KafkaError::kafka_storage_error);
  abi::PartitionDirt out;
  out.first_dirty = dirt->first_dirty.value;
  out.first_uncleanable = dirt->first_uncleanable.value;
  out.log_end_offset = view.log_end.value;
  out.clean_bytes = static_cast<int64_t>(dirt->clean_bytes);
  out.cleanable_bytes = static_cast<int64_t>(dirt->cleanable_bytes);
  out.overdue_ms = dirt->overdue_ms;
  return out;
}

}  // namespace

void Partitions::dirt(const abi::DirtCommand& command) {
  const std::lock_guard lock(commands_mutex_);
  auto partitions = std::make_shared<std::vector<std::shared_ptr<Partition>>>();
  for (const abi::DirtQuery& query : command.partitions) partitions->push_back(is_closed_ ? nullptr : table_.find(query.partition));
  const auto answer = [this, command, partitions] {
    abi::DirtyEvent event;
    event.ticket = command.ticket;
    for (size_t i = 0; i < partitions->size(); i++) {
      const auto& partition = (*partitions)[i];
      event.partitions.push_back(partition == nullptr ? failed_dirt(KafkaError::unknown_topic_or_partition) : dirt_of(*partition, command.partitions[i], command.now_ms));
    }
    sink_.dirty(event);
  };
  if (is_closed_ || command.log_dir >= lanes_.size()) answer();
  else lanes_[command.log_dir]->keep(answer);
}

void Partitions::plan_cleaning(const abi::PlanCleaningCommand& command) {
  const std::lock_guard lock(commands_mutex_);
  const auto partition = is_closed_ ? nullptr : table_.find(command.partition);
  if (partition == nullptr) return sink_.cleaning_planned({command.ticket, code_of(KafkaError::unknown_topic_or_partition), {}});
  lane_of(*partition).keep([this, partition, command] {
    const PartitionView view = partition->view();
    if (view.error != KafkaError::none || view.log == nullptr) return sink_.cleaning_planned({command.ticket, code_of(KafkaError::not_leader_or_follower), {}});
    const auto job = view.log->cleaning_job({Offset{command.first_dirty}, Offset{command.first_uncleanable}});
    if (!job) return sink_.cleaning_planned({command.ticket, code_of(KafkaError::kafka_storage_error), {}});
    sink_.cleaning_planned({command.ticket, code_of(KafkaError::none), encode_plan(*job)});
  });
}

void Partitions::replace_segments(const abi::ReplaceSegmentsCommand& command) {
  const std::lock_guard lock(commands_mutex_);
  const auto partition = is_closed_ ? nullptr : table_.find(command.partition);
  auto group = decode_group(command.group);
  if (partition == nullptr || !group) {
    return sink_.done({command.ticket, code_of(partition == nullptr ? KafkaError::unknown_topic_or_partition : KafkaError::invalid_request), -1});
  }
  lane_of(*partition).keep([this, partition, ticket = command.ticket, group = std::move(*group)] {
    const PartitionView view = partition->view();
    if (view.log == nullptr || view.error != KafkaError::none) return sink_.done({ticket, code_of(view.error), -1});
    const Status status = view.log->replace(group, clock_.wall_ms());
    if (view.log->failed()) partition->fail(view.log->failure(), "replacing cleaned segments failed");
    sink_.done({ticket, code_of(status ? KafkaError::none : KafkaError::kafka_storage_error), status ? group.replaced.front().value : -1});
  });
}

}  // namespace milena
