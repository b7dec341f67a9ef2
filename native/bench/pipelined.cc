#include "bench/pipelined.h"

#include <algorithm>

#include "bench/answers.h"

namespace milena::bench {
namespace {

// Requests smaller than this leave together in one call, so that the client stays cheap.
constexpr size_t together_below_bytes = 8192;
constexpr size_t together_bytes_max = 65536;
// At a fixed rate, how many unanswered requests a connection carries before it falls behind.
constexpr size_t behind_max = 1000;
constexpr size_t answer_bytes_most = 64 << 20;

size_t bytes_of(const Request& request) { return request.head.size() + (request.batch ? request.batch->bytes.size() : 0); }

}  // namespace

Pipelined::Pipelined(std::vector<Request> requests, Pace pace, ErrorOf error_of, Tally& tally)
    : requests_(std::move(requests)), pace_(pace), error_of_(error_of), tally_(tally) {
  small_ = std::ranges::all_of(requests_, [](const Request& request) { return bytes_of(request) < together_below_bytes; });
}

void Pipelined::begin(int64_t now_ns, int64_t deadline_ns) {
  next_due_ns_ = now_ns;
  deadline_ns_ = deadline_ns;
}

bool Pipelined::may_send(int64_t now_ns) const {
  if (open_loop()) return now_ns >= due_ns();
  return now_ns < deadline_ns_ && under_way_.size() < pace_.in_flight;
}

// What was due before the deadline is sent, however late this thread was woken.
int64_t Pipelined::due_ns() const {
  return more_is_due() && under_way_.size() < behind_max ? next_due_ns_ : never_ns;
}

const Request& Pipelined::sent(int64_t now_ns) {
  const Request& request = requests_[turn_++ % requests_.size()];
  if (error_of_ != nullptr) under_way_.push_back({open_loop() ? next_due_ns_ : now_ns, request.batch.get()});
  else answered(request.batch.get());
  next_due_ns_ += pace_.interval_ns;
  return request;
}

Outgoing Pipelined::next(int64_t now_ns) {
  if (!may_send(now_ns)) return {};
  if (!small_) {
    const Request& request = sent(now_ns);
    return {request.head, request.batch ? Bytes(request.batch->bytes) : Bytes{}};
  }
  together_.clear();
  do {
    const Request& request = sent(now_ns);
    together_.insert(together_.end(), request.head.begin(), request.head.end());
    if (request.batch) together_.insert(together_.end(), request.batch->bytes.begin(), request.batch->bytes.end());
  } while (together_.size() < together_bytes_max && may_send(now_ns));
  return {together_, {}};
}

bool Pipelined::take(Bytes answer, int64_t now_ns) {
  if (under_way_.empty()) return false;  // nobody asked
  const auto [since_ns, batch] = under_way_.front();
  under_way_.pop_front();
  const int16_t error = error_of_(answer);
  if (error == malformed_answer) return false;
  tally_.latencies.add(now_ns - since_ns);
  if (error == 0) answered(batch);
  else tally_.refused(error);
  return true;
}

void Pipelined::answered(const Batch* batch) {
  if (batch == nullptr) tally_.answered(0, 0, 0);
  else tally_.answered(batch->bytes.size(), batch->plain_bytes, static_cast<uint64_t>(batch->records));
}

size_t Pipelined::answer_bytes_max() const { return answer_bytes_most; }

}  // namespace milena::bench
