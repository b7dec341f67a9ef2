#include "plane/list_offsets_path.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "plane/offload_task.h"
#include "plane/partition.h"
#include "plane/reactor.h"
#include "wire/list_offsets.h"

namespace milena {

namespace {

constexpr int32_t consumer_replica = -1;

struct Item {
  ListOffsetsPartition wish;  // its topic: of the answer
  std::shared_ptr<Partition> partition;
  ListOffsetsResult result;
  Offset upper{0};
  bool scans = false;  // the log must be read
};

// The first version that knows a special timestamp; 0 for ordinary ones, INT16_MAX for those nobody knows.
int16_t first_version_of(int64_t timestamp) {
  if (timestamp >= 0) return 0;
  switch (timestamp) {
    case list_offsets_timestamp::latest:
    case list_offsets_timestamp::earliest: return 1;
    case list_offsets_timestamp::max_timestamp: return 7;
    case list_offsets_timestamp::earliest_local: return 8;
    case list_offsets_timestamp::latest_tiered: return 9;
    case list_offsets_timestamp::earliest_pending_upload: return 11;
    default: return INT16_MAX;
  }
}

class ListOffsets final : public Request, private OffloadTask {
 public:
  ListOffsets(Reactor& reactor, const RequestHeader& header, const ListOffsetsRequest& request);
  void begin() override;
  bool answer(OutputQueue& out) override;
  bool abandon() override;

 private:
  struct Topic {
    std::string name;
    std::vector<uint32_t> items;
  };
  void run() override;
  void done() override;
  KafkaError check(Item& item, PartitionView& view) const;
  void look(Item& item);
  void look_up_special(Item& item, const PartitionView& view) const;
  static void put(Item& item, const TimestampHit& hit);

  Reactor& reactor_;
  const int16_t version_;
  const int32_t correlation_id_;
  const int32_t replica_id_;
  const bool read_committed_;
  std::vector<Topic> topics_;
  std::vector<Item> items_;
  bool scanning_ = false;
};

ListOffsets::ListOffsets(Reactor& reactor, const RequestHeader& header, const ListOffsetsRequest& request)
    : reactor_(reactor),
      version_(header.api_version),
      correlation_id_(header.correlation_id),
      replica_id_(request.replica_id),
      read_committed_(request.isolation_level == 1) {
  std::map<std::string_view, uint32_t> topic_of;
  std::map<std::pair<uint32_t, int32_t>, size_t> item_of;
  for (const ListOffsetsPartition& wish : request.partitions) {
    const std::string_view name = request.topics[wish.topic].name;
    const auto [topic, is_new_topic] = topic_of.emplace(name, static_cast<uint32_t>(topics_.size()));
    if (is_new_topic) topics_.push_back({.name = std::string(name)});
    const auto [item, is_new] = item_of.emplace(std::pair{topic->second, wish.index}, items_.size());
    if (is_new) {
      topics_[topic->second].items.push_back(static_cast<uint32_t>(items_.size()));
      items_.push_back({.wish = wish, .result = {.index = wish.index}});
      items_.back().wish.topic = topic->second;
    } else {
      // Kafka answers a partition that is named twice once, with this.
      items_[item->second].result.error = KafkaError::invalid_request;
    }
  }
}

void ListOffsets::begin() {
  reactor_.shared().counters.add(abi::Counter::list_offsets_requests);
  bool scans = false;
  uint32_t log_dir = 0;
  for (Item& item : items_) {
    if (item.result.error == KafkaError::none) look(item);
    if (!item.scans) continue;
    scans = true;
    log_dir = item.partition->identity().log_dir;
  }
  if (!scans) return finish();
  scanning_ = true;
  reactor_.offload(*reactor_.shared().reading[log_dir], this);
}

KafkaError ListOffsets::check(Item& item, PartitionView& view) const {
  item.partition = reactor_.partitions().find(topics_[item.wish.topic].name, item.wish.index).partition;
  if (first_version_of(item.wish.timestamp) > version_) return KafkaError::unsupported_version;
  if (!item.partition) return KafkaError::unknown_topic_or_partition;
  view = item.partition->view();
  if (view.error != KafkaError::none) return view.error;
  const int32_t epoch = item.wish.current_leader_epoch;
  if (epoch >= 0 && epoch < view.leader_epoch.value) return KafkaError::fenced_leader_epoch;
  if (epoch > view.leader_epoch.value) return KafkaError::unknown_leader_epoch;
  return KafkaError::none;
}

void ListOffsets::look(Item& item) {
  PartitionView view;
  item.result.error = check(item, view);
  if (item.result.error != KafkaError::none) return;
  item.upper = replica_id_ != consumer_replica ? view.log_end : read_committed_ ? view.last_stable : view.high_watermark;
  if (item.wish.timestamp >= 0 || item.wish.timestamp == list_offsets_timestamp::max_timestamp) item.scans = view.log != nullptr;
  else look_up_special(item, view);
}

void ListOffsets::look_up_special(Item& item, const PartitionView& view) const {
  switch (item.wish.timestamp) {
    case list_offsets_timestamp::latest:
      put(item, {.offset = item.upper, .leader_epoch = view.leader_epoch});
      break;
    case list_offsets_timestamp::earliest:
    case list_offsets_timestamp::earliest_local:
      if (view.log != nullptr) put(item, {.offset = view.log_start, .leader_epoch = view.log->earliest().leader_epoch});
      else put(item, {.offset = view.log_start});
      break;
    default:  // of tiered logs; ours have nothing elsewhere
      break;
  }
}

void ListOffsets::put(Item& item, const TimestampHit& hit) {
  item.result.timestamp = hit.timestamp_ms;
  item.result.offset = hit.offset.value;
  item.result.leader_epoch = hit.leader_epoch.value;
}

void ListOffsets::run() {
  CodecScratch codecs;
  for (Item& item : items_) {
    if (!item.scans) continue;
    const PartitionLog& log = *item.partition->log();
    const bool greatest = item.wish.timestamp == list_offsets_timestamp::max_timestamp;
    const Result<TimestampHit> hit = greatest ? log.max_timestamp(codecs) : log.find_timestamp(item.wish.timestamp, item.upper, codecs);
    if (!hit) item.result.error = KafkaError::kafka_storage_error;
    // What readers of this kind cannot see yet is not there.
    else if (hit->offset.value >= 0 && hit->offset < item.upper) put(item, *hit);
  }
}

void ListOffsets::done() {
  scanning_ = false;
  if (connection == nullptr) retire();
  else finish();
}

bool ListOffsets::abandon() { return !scanning_; }

bool ListOffsets::answer(OutputQueue& out) {
  ListOffsetsResponseWriter writer(out.bytes(), version_, correlation_id_, 0, topics_.size());
  for (const Topic& topic : topics_) {
    writer.topic(topic.name, topic.items.size());
    for (const uint32_t at : topic.items) writer.partition(items_[at].result);
  }
  writer.finish();
  return true;
}

}  // namespace

Request* make_list_offsets(Reactor& reactor, const RequestHeader& header, Bytes frame) {
  ListOffsetsRequest request;
  if (!request.parse(frame.subspan(header.body_offset), header.api_version)) return nullptr;
  return new ListOffsets(reactor, header, request);
}

}  // namespace milena
