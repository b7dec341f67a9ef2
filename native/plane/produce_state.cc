#include "plane/produce_state.h"

#include "base/endian.h"
#include "plane/partition.h"
#include "plane/reactor.h"
#include "wire/batch_layout.h"
#include "wire/frame.h"
#include "wire/produce_response.h"

namespace milena {

namespace {

// The attributes of the batch at the front of `records`; 0 when there is no whole header.
uint16_t attributes_of(Bytes records) {
  return records.size() < batch_layout::header_size ? uint16_t{0} : load<uint16_t>(records.data() + batch_layout::attributes);
}

// Keeps a batch that was written anew alive instead of the frame.
struct Rebuilt {
  std::vector<std::byte> bytes;
};

// Errors of the append itself: Kafka answers those of the producer's state with the log start, those of the partition without.
bool has_log_start(KafkaError error) {
  switch (error) {
    case KafkaError::unknown_topic_or_partition:
    case KafkaError::not_leader_or_follower:
    case KafkaError::kafka_storage_error:
      return false;
    default:
      return true;
  }
}

}  // namespace

bool ProduceState::parse(const RequestHeader& header, Frame frame) {
  version_ = header.api_version;
  correlation_id_ = header.correlation_id;
  if (!views_.parse(frame.bytes.subspan(header.body_offset), version_)) return false;
  frame_bytes_ = frame.bytes.size();
  frame_ = std::move(frame.owner);
  acks_ = views_.acks;
  timeout_ms_ = views_.timeout_ms;
  pipelined = true;
  placed = ready = waited_ = false;
  next_ = pending_ = 0;
  // The names must outlive the frame, which goes as soon as its batches are written.
  topic_count_ = views_.topics.size();
  if (topics_.size() < topic_count_) topics_.resize(topic_count_);
  for (size_t i = 0; i < topic_count_; i++) {
    const ProduceTopic& from = views_.topics[i];
    topics_[i].name.assign(from.name);
    topics_[i].id = from.id;
    topics_[i].begin = from.partitions_begin;
    topics_[i].end = from.partitions_end;
  }
  slots_.clear();
  slots_.resize(views_.partitions.size());
  for (Slot& slot : slots_) {
    slot.owner = &reactor_;
    slot.context = this;
    slot.acks = acks_;
  }
  return true;
}

void ProduceState::begin() {
  Counters& counters = reactor_.shared().counters;
  counters.add(abi::Counter::produce_requests);
  counters.add(abi::Counter::produce_bytes, static_cast<int64_t>(frame_bytes_));
  if (refuse_all()) next_ = slots_.size();
  advance();
}

// What is wrong with the request as a whole is answered for every partition.
bool ProduceState::refuse_all() {
  KafkaError error = KafkaError::none;
  for (size_t i = 0; i < slots_.size(); i++) {
    const FirstBatch first = look_at_first_batch(views_.partitions[i].records);
    slots_[i].transactional = first.transactional;
    if (error != KafkaError::none) continue;
    if (first.corrupt) error = KafkaError::corrupt_message;
    else if (first.transactional && views_.transactional_id_null) error = KafkaError::transactional_id_authorization_failed;
  }
  if (error == KafkaError::none) return false;
  for (Slot& slot : slots_) {
    refuse(slot, error);
    if (error == KafkaError::corrupt_message) slot.validated.message = "the first batch of a partition cannot be read";
  }
  return true;
}

void ProduceState::refuse(Slot& slot, KafkaError error) {
  slot.error = error;
  slot.before_log = true;
}

void ProduceState::advance() {
  while (next_ < slots_.size()) {
    Slot& slot = slots_[next_];
    if (!slot.batch.empty() || slot.error != KafkaError::none) {
      next_++;
      continue;
    }
    if (prepare(slot) == Step::waits) return;
    next_++;
    if (slot.error == KafkaError::none && place(slot) == Step::waits) return;
  }
  placed_all();
}

bool ProduceState::find(Slot& slot, const ProducePartition& part) {
  const Topic& topic = topics_[part.topic];
  const bool by_id = version_ >= 13;
  const PartitionLookup& found =
      by_id ? reactor_.partitions().find(topic.id, part.index) : reactor_.partitions().find(topic.name, part.index);
  if (!found.partition) {
    refuse(slot, by_id && !found.topic_known ? KafkaError::unknown_topic_id : KafkaError::unknown_topic_or_partition);
    return false;
  }
  slot.target = found.partition;
  KafkaError error = KafkaError::none;
  if (acks_ < -1 || acks_ > 1) error = KafkaError::invalid_required_acks;
  else if (slot.target->identity().is_internal) error = KafkaError::invalid_topic_exception;
  // A transaction begins at its coordinator; none was begun here.
  else if (slot.transactional) error = KafkaError::invalid_txn_state;
  if (error == KafkaError::none) return true;
  const KafkaError framing = framing_error(part.records, version_);
  refuse(slot, framing == KafkaError::none ? error : framing);
  return false;
}

bool ProduceState::is_long(MutableBytes records, const ValidationRules& rules) const {
  const auto codec = static_cast<uint8_t>(attributes_of(records) & batch_layout::compression_mask);
  if (records.size() > offload_plain_bytes) return true;
  if (rules.compression && static_cast<uint8_t>(*rules.compression) != codec) return records.size() > offload_rebuilt_bytes;
  return codec != 0 && records.size() > offload_compressed_bytes;
}

ProduceState::Step ProduceState::prepare(Slot& slot) {
  const ProducePartition& part = views_.partitions[next_];
  if (!find(slot, part)) return Step::next;
  slot.queued_epoch = slot.target->leader_epoch();
  std::shared_ptr<const PartitionConfig> config = slot.target->config();
  const int64_t now_ms = reactor_.shared().clock.wall_ms();
  if (is_long(part.records, config->rules)) {
    waited_ = true;
    offloaded_config_ = std::move(config);
    offloaded_now_ms_ = now_ms;
    reactor_.offload(reactor_.shared().computing, this);
    return Step::waits;
  }
  ValidationRules rules = config->rules;
  rules.produce_version = version_;
  slot.validated = validate_produced(part.records, rules, now_ms, reactor_.codecs());
  slot.error = slot.validated.error;
  return Step::next;
}

void ProduceState::run() {
  Slot& slot = slots_[next_];
  ValidationRules rules = offloaded_config_->rules;
  rules.produce_version = version_;
  CodecScratch codecs;
  slot.validated = validate_produced(views_.partitions[next_].records, rules, offloaded_now_ms_, codecs);
}

void ProduceState::done() {
  offloaded_config_.reset();
  Slot& slot = slots_[next_++];
  slot.error = slot.validated.error;
  if (slot.error == KafkaError::none && place(slot) == Step::waits) return;
  advance();
}

ProduceState::Step ProduceState::place(Slot& slot) {
  Validated& validated = slot.validated;
  slot.info = validated.info;
  if (validated.rebuilt.empty()) {
    slot.batch = validated.batch;
    slot.payload = frame_;
  } else {
    // Moving a vector leaves its bytes where they are.
    const MutableBytes batch = validated.batch;
    slot.payload = std::make_shared<Rebuilt>(Rebuilt{std::move(validated.rebuilt)});
    slot.batch = batch;
  }
  pending_++;
  const Enqueued enqueued = slot.target->enqueue(slot);
  if (!is_placed(enqueued.placement)) {
    pending_--;
    slot.payload.reset();
    refuse(slot, error_of(enqueued.placement));
    return Step::next;
  }
  if (enqueued.drain) reactor_.drain_later(slot.target);
  if (enqueued.placement != Placement::crowded) return Step::next;
  space_.owner = &reactor_;
  space_.context = this;
  space_.bytes = static_cast<uint32_t>(slot.info.size_bytes);
  if (!slot.target->await_room(space_)) return Step::next;
  waited_ = true;
  return Step::waits;
}

void ProduceState::room() {
  advance();
}

void ProduceState::placed_all() {
  placed = true;
  frame_.reset();
  if (pending_ == 0) {
    if (connection == nullptr) retire();
    else finish();
    return;
  }
  if (acks_ == acks_all) reactor_.timers().set(timer_, reactor_.now_ns() + static_cast<int64_t>(timeout_ms_) * 1'000'000);
  // The connection stood still meanwhile; the next Produce may begin now.
  if (waited_ && connection != nullptr) connection->request_ready();
}

void ProduceState::completed(Append& append) {
  append.payload.reset();
  pending_--;
  if (pending_ > 0 || !placed) return;
  reactor_.timers().clear(timer_);
  if (connection == nullptr) retire();
  else finish();
}

void ProduceState::timer_due() {
  for (Slot& slot : slots_) {
    // What a batch says may only be read once it is back: another thread may be writing it.
    if (!slot.target || !slot.target->abandon(slot)) continue;
    slot.error = KafkaError::request_timed_out;
    pending_--;
  }
  if (pending_ > 0) return;
  if (connection == nullptr) retire();
  else finish();
}

// What has arrived is written whether or not the client waits for the answer.
bool ProduceState::abandon() { return placed && pending_ == 0; }

void ProduceState::retire() {
  reactor_.timers().clear(timer_);
  frame_.reset();
  slots_.clear();
  path_.retire(*this);
}

void ProduceState::fill(ProduceResult& result, const Slot& slot) const {
  result.error = slot.error;
  if (slot.error == KafkaError::none || slot.error == KafkaError::request_timed_out) {
    result.base_offset = slot.base_offset.value;
    result.log_append_time_ms = slot.log_append_time_ms;
  }
  result.refusals = slot.validated.refusals;
  result.message = slot.validated.message;
  const bool with_log_start = !slot.validated.ok() ? slot.validated.with_log_start : !slot.before_log && has_log_start(slot.error);
  if (with_log_start) result.log_start_offset = slot.target->view().log_start.value;
}

bool ProduceState::answer(OutputQueue& out) {
  bool failed = false;
  for (const Slot& slot : slots_) failed = failed || slot.error != KafkaError::none;
  if (failed) reactor_.shared().counters.add(abi::Counter::produce_errors);
  if (acks_ == 0) return !failed;
  ProduceResponseWriter writer(out.bytes(), version_, correlation_id_, topic_count_);
  for (size_t i = 0; i < topic_count_; i++) {
    const Topic& topic = topics_[i];
    writer.topic(topic.name, topic.id, topic.end - topic.begin);
    for (uint32_t at = topic.begin; at < topic.end; at++) {
      ProduceResult result;
      result.index = views_.partitions[at].index;
      fill(result, slots_[at]);
      writer.partition(result);
    }
  }
  writer.finish(0);
  return true;
}

}  // namespace milena
