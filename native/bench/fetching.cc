#include "bench/fetching.h"

#include "bench/answers.h"

namespace milena::bench {
namespace {

constexpr size_t beyond_limits_bytes = 128 << 20;

}  // namespace

size_t fetch_answer_bytes_max(const FetchLimits& limits, size_t partitions) {
  return static_cast<size_t>(limits.partition_bytes) * partitions + beyond_limits_bytes;
}

Fetching::Fetching(std::string topic, std::vector<Position> positions, const FetchLimits& limits, Tally& tally)
    : topic_(std::move(topic)),
      positions_(std::move(positions)),
      frame_(fetch_frame(topic_, positions_, limits)),
      answer_bytes_max_(fetch_answer_bytes_max(limits, positions_.size())),
      tally_(tally) {}

Outgoing Fetching::next(int64_t now_ns) {
  if (waiting_ || now_ns >= deadline_ns_) return {};
  move_fetch(frame_, topic_, positions_);
  waiting_ = true;
  asked_ns_ = now_ns;
  return {frame_, {}};
}

bool Fetching::take(Bytes answer, int64_t now_ns) {
  if (!waiting_) return false;
  waiting_ = false;
  const Fetched fetched = take_fetched(answer, positions_);
  if (fetched.error == malformed_answer) return false;
  tally_.latencies.add(now_ns - asked_ns_);
  if (fetched.error != 0) tally_.refused(fetched.error);
  else tally_.answered(fetched.bytes, fetched.bytes, fetched.records);
  // Not one request waits at the end of a log for what nobody writes.
  for (Position& position : positions_) {
    if (position.offset >= position.end) position.offset = position.log_start;
  }
  return true;
}

}  // namespace milena::bench
