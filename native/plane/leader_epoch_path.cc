#include "plane/leader_epoch_path.h"

#include <string>
#include <vector>

#include "plane/partition.h"
#include "plane/reactor.h"
#include "wire/leader_epoch.h"

namespace milena {

namespace {

class LeaderEpochs final : public Request {
 public:
  LeaderEpochs(Reactor& reactor, const RequestHeader& header) : reactor_(reactor), version_(header.api_version), correlation_id_(header.correlation_id) {}
  bool parse(Bytes body) {
    if (!request_.parse(body, version_)) return false;
    // The frame is gone when the answer is written.
    for (const LeaderEpochTopic& topic : request_.topics) names_.emplace_back(topic.name);
    return true;
  }

  void begin() override {
    reactor_.shared().counters.add(abi::Counter::leader_epoch_requests);
    for (const LeaderEpochPartition& part : request_.partitions) results_.push_back(look(part));
    finish();
  }

  bool answer(OutputQueue& out) override {
    LeaderEpochResponseWriter writer(out.bytes(), version_, correlation_id_, 0, names_.size());
    for (size_t i = 0; i < names_.size(); i++) {
      const LeaderEpochTopic& topic = request_.topics[i];
      writer.topic(names_[i], topic.partitions_end - topic.partitions_begin);
      for (uint32_t at = topic.partitions_begin; at < topic.partitions_end; at++) writer.partition(results_[at]);
    }
    writer.finish();
    return true;
  }

  bool abandon() override { return true; }

 private:
  LeaderEpochResult look(const LeaderEpochPartition& part) {
    LeaderEpochResult result;
    result.index = part.index;
    const std::shared_ptr<Partition> partition = reactor_.partitions().find(names_[part.topic], part.index).partition;
    if (!partition) {
      result.error = KafkaError::unknown_topic_or_partition;
      return result;
    }
    const PartitionView view = partition->view();
    result.error = view.error;
    if (part.current_leader_epoch >= 0 && result.error == KafkaError::none) {
      if (part.current_leader_epoch < view.leader_epoch.value) result.error = KafkaError::fenced_leader_epoch;
      if (part.current_leader_epoch > view.leader_epoch.value) result.error = KafkaError::unknown_leader_epoch;
    }
    if (result.error != KafkaError::none || view.log == nullptr) return result;
    const EpochEnd end = view.log->end_offset_for({part.leader_epoch});
    result.leader_epoch = end.leader_epoch.value;
    result.end_offset = end.end_offset.value;
    return result;
  }

  Reactor& reactor_;
  const int16_t version_;
  const int32_t correlation_id_;
  LeaderEpochRequest request_;
  std::vector<std::string> names_;
  std::vector<LeaderEpochResult> results_;
};

}  // namespace

Request* make_leader_epoch(Reactor& reactor, const RequestHeader& header, Bytes frame) {
  auto request = std::make_unique<LeaderEpochs>(reactor, header);
  return request->parse(frame.subspan(header.body_offset)) ? request.release() : nullptr;
}

}  // namespace milena
