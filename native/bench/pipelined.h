// The same few requests again and again, many of them unanswered at a time: produce and ping.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "bench/batches.h"
#include "bench/options.h"
#include "bench/talk.h"
#include "bench/tally.h"

namespace milena::bench {

struct Request {
  std::vector<std::byte> head;
  std::shared_ptr<const Batch> batch;  // its bytes follow the head; nullptr: nothing follows
};

// Follows its answers with `in_flight` requests, or sends one every `interval_ns`: then latency counts from when a request was due,
// so that a stalled broker cannot hide the requests it delayed.
struct Pace {
  size_t in_flight = 1;
  int64_t interval_ns = 0;
};

class Pipelined final : public Talk {
 public:
  // `error_of` reads an answer; nullptr when requests have none (acks=0).
  using ErrorOf = int16_t (*)(Bytes answer);
  Pipelined(std::vector<Request> requests, Pace pace, ErrorOf error_of, Tally& tally);

  void begin(int64_t now_ns, int64_t deadline_ns) override;
  Outgoing next(int64_t now_ns) override;
  int64_t due_ns() const override;
  bool take(Bytes answer, int64_t now_ns) override;
  bool quiet() override { return under_way_.empty() && !more_is_due(); }
  size_t answer_bytes_max() const override;

 private:
  struct UnderWay {
    int64_t since_ns;  // when it was sent, or due
    const Batch* batch;
  };
  bool open_loop() const { return pace_.interval_ns > 0; }
  bool more_is_due() const { return open_loop() && next_due_ns_ < deadline_ns_; }
  bool may_send(int64_t now_ns) const;
  const Request& sent(int64_t now_ns);
  void answered(const Batch* batch);

  const std::vector<Request> requests_;  // sent in turn
  const Pace pace_;
  const ErrorOf error_of_;
  Tally& tally_;
  bool small_ = false;
  size_t turn_ = 0;
  int64_t next_due_ns_ = 0, deadline_ns_ = 0;
  std::deque<UnderWay> under_way_;
  std::vector<std::byte> together_;
};

}  // namespace milena::bench
