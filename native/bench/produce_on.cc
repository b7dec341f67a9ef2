#include <algorithm>
#include <deque>

#include "bench/connections.h"
#include "bench/requests.h"
#include "bench/socket.h"

namespace milena::bench {
namespace {

// Requests smaller than this leave together in one call, so that the client stays cheap.
constexpr size_t together_below_bytes = 8192;
constexpr size_t together_bytes_max = 65536;
// At a fixed rate, how many unanswered requests a connection carries before it falls behind.
constexpr size_t behind_max = 1000;

class Producer {
 public:
  Producer(const Options& options, const Share& share, const Clock& clock, Tally& tally)
      : options_(options), clock_(clock), tally_(tally), batch_(build_batch(options.record_bytes, options.batch_bytes, clock.wall_ms())) {
    for (const int32_t partition : share.partitions) frames_.push_back(produce_frame(options, partition, batch_));
    if (options.rate_bytes <= 0) return;
    interval_ns_ = static_cast<int64_t>(static_cast<double>(batch_.bytes.size()) * options.connections / options.rate_bytes * 1e9);
  }

  void run(const Target& target, int64_t deadline_ns) {
    if (const std::string problem = socket_.connect(target); !problem.empty()) return tally_.broken(problem);
    next_due_ns_ = clock_.monotonic_ns();
    bool whole = true;
    for (int64_t now = next_due_ns_; whole && now < deadline_ns; now = clock_.monotonic_ns()) {
      whole = may_send(now) ? send(now) : wait(now);
    }
    while (whole && !sent_.empty()) whole = take();
    if (!whole) tally_.broken("the broker closed the connection");
    tally_.merge(latencies_);
  }

 private:
  bool open_loop() const { return interval_ns_ > 0; }
  bool may_send(int64_t now) const {
    return open_loop() ? now >= next_due_ns_ && sent_.size() < behind_max : sent_.size() < static_cast<size_t>(options_.in_flight);
  }

  bool send(int64_t now) {
    together_.clear();
    do {
      const std::vector<std::byte>& frame = frames_[turn_++ % frames_.size()];
      if (options_.acks != 0) sent_.push_back(open_loop() ? next_due_ns_ : now);
      else tally_.answered(batch_.bytes.size(), static_cast<uint64_t>(batch_.records));
      next_due_ns_ += interval_ns_;
      if (frame.size() >= together_below_bytes) return socket_.send(frame);
      together_.insert(together_.end(), frame.begin(), frame.end());
    } while (together_.size() < together_bytes_max && may_send(now));
    return socket_.send(together_);
  }

  bool wait(int64_t now) {
    const int64_t wait_ns = open_loop() ? std::max<int64_t>(0, next_due_ns_ - now) : 1'000'000'000;
    if (!socket_.readable(wait_ns)) return true;
    if (sent_.empty()) return socket_.holds_answer();  // readable without anything due: closed
    do {
      if (!take()) return false;
    } while (!sent_.empty() && socket_.holds_answer());
    return true;
  }

  bool take() {
    const Bytes answer = socket_.receive();
    if (answer.empty()) return false;
    latencies_.add(clock_.monotonic_ns() - sent_.front());
    sent_.pop_front();
    const int16_t error = produce_error(answer);
    if (error == 0) tally_.answered(batch_.bytes.size(), static_cast<uint64_t>(batch_.records));
    else tally_.refused(error);
    return true;
  }

  const Options& options_;
  const Clock& clock_;
  Tally& tally_;
  const Batch batch_;
  std::vector<std::vector<std::byte>> frames_;  // sent in turn
  size_t turn_ = 0;
  int64_t interval_ns_ = 0;
  int64_t next_due_ns_ = 0;
  std::deque<int64_t> sent_;  // when each unanswered request was sent, or due
  std::vector<std::byte> together_;
  Socket socket_;
  Histogram latencies_;
};

}  // namespace

void produce_on(const Options& options, const Share& share, const Clock& clock, int64_t deadline_ns, Tally& tally) {
  Producer(options, share, clock, tally).run(share.target, deadline_ns);
}

}  // namespace milena::bench
