#include "bench/latency.h"

#include "base/endian.h"
#include "bench/answers.h"
#include "bench/batches.h"
#include "bench/fetching.h"
#include "wire/batch.h"

namespace milena::bench {
namespace {

// At the front of every value: when it was due, and the run.
constexpr size_t run_at = sizeof(int64_t), stamp_bytes = run_at + sizeof(uint64_t);
// How many unanswered records the producer carries before it falls behind.
constexpr size_t behind_max = 1000;
constexpr size_t answer_bytes_most = 1 << 20;
constexpr FetchLimits long_poll{500, 1 << 20};

}  // namespace

StampedProducer::StampedProducer(const Options& options, int32_t partition, std::vector<std::byte> batch, Stamped& shared, Tally& tally)
    : acknowledged_(options.acks != 0),
      record_bytes_(options.record_bytes),
      interval_ns_(static_cast<int64_t>(1e9 / options.rate_records)),
      head_(produce_head(options.topic, partition, options.acks, batch.size())),
      batch_(std::move(batch)),
      shared_(shared),
      tally_(tally) {}

void StampedProducer::begin(int64_t now_ns, int64_t deadline_ns) {
  next_due_ns_ = now_ns;
  deadline_ns_ = deadline_ns;
}

int64_t StampedProducer::due_ns() const { return under_way_ < behind_max && next_due_ns_ < deadline_ns_ ? next_due_ns_ : never_ns; }

Outgoing StampedProducer::next(int64_t now_ns) {
  if (now_ns < next_due_ns_ || due_ns() == never_ns) return {};
  const MutableBytes value = only_value(batch_, record_bytes_);
  store(value.data(), next_due_ns_);
  store(&value[run_at], shared_.run);
  restore_crc(batch_);
  next_due_ns_ += interval_ns_;
  if (acknowledged_) under_way_++;
  else written_++;
  return {head_, batch_};
}

bool StampedProducer::take(Bytes answer, int64_t) {
  if (under_way_ == 0) return false;
  under_way_--;
  const int16_t error = produce_error(answer);
  if (error == malformed_answer) return false;
  if (error == 0) written_++;
  else tally_.refused(error);
  return true;
}

bool StampedProducer::quiet() {
  if (under_way_ > 0 || next_due_ns_ < deadline_ns_) return false;
  shared_.whole.store(written_, std::memory_order_release);
  return true;
}

size_t StampedProducer::answer_bytes_max() const { return answer_bytes_most; }

StampedConsumer::StampedConsumer(const Options& options, Position from, Stamped& shared, Tally& tally)
    : topic_(options.topic), limits_(long_poll), positions_{from}, frame_(fetch_frame(topic_, positions_, limits_)), shared_(shared), tally_(tally) {}

Outgoing StampedConsumer::next(int64_t) {
  if (waiting_) return {};
  move_fetch(frame_, topic_, positions_);
  waiting_ = true;
  return {frame_, {}};
}

bool StampedConsumer::take(Bytes answer, int64_t now_ns) {
  if (!waiting_) return false;
  waiting_ = false;
  batches_.clear();
  const Fetched fetched = take_fetched(answer, positions_, &batches_);
  if (fetched.error == malformed_answer) return false;
  if (fetched.error != 0) tally_.refused(fetched.error);
  for (const Bytes batch : batches_) received(batch, now_ns);
  return true;
}

void StampedConsumer::received(Bytes batch, int64_t now_ns) {
  RecordCursor records(batch.subspan(batch_layout::header_size));
  RecordView record;
  while (records.next(record)) {
    if (record.value.size() < stamp_bytes || load<uint64_t>(&record.value[run_at]) != shared_.run) continue;
    tally_.latencies.add(now_ns - load<int64_t>(record.value.data()));
    tally_.answered(batch.size(), batch.size(), 1);
    received_++;
  }
}

bool StampedConsumer::quiet() {
  const int64_t whole = shared_.whole.load(std::memory_order_acquire);
  return whole >= 0 && received_ >= whole;
}

size_t StampedConsumer::answer_bytes_max() const { return fetch_answer_bytes_max(limits_, 1); }

}  // namespace milena::bench
