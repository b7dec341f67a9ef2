// End to end: one record at a time at a fixed rate, and a consumer that asks for them by long polls. What counts is the time from
// when a record was due until the consumer has it. The record carries both that moment and the number of the run.
#pragma once
#include <atomic>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "bench/options.h"
#include "bench/requests.h"
#include "bench/talk.h"
#include "bench/tally.h"

namespace milena::bench {

// What producer and consumer share; they may be on different threads.
struct Stamped {
  uint64_t run = 0;                 // tells our records from others in the topic
  std::atomic<int64_t> whole{-1};   // acknowledged records of the whole run, once the producer has ended
};

class StampedProducer final : public Talk {
 public:
  StampedProducer(const Options& options, int32_t partition, std::vector<std::byte> batch, Stamped& shared, Tally& tally);

  void begin(int64_t now_ns, int64_t deadline_ns) override;
  Outgoing next(int64_t now_ns) override;
  int64_t due_ns() const override;
  bool take(Bytes answer, int64_t now_ns) override;
  bool quiet() override;
  size_t answer_bytes_max() const override;

 private:
  const bool acknowledged_;
  const int32_t record_bytes_;
  const int64_t interval_ns_;
  const std::vector<std::byte> head_;
  std::vector<std::byte> batch_;
  Stamped& shared_;
  Tally& tally_;
  int64_t next_due_ns_ = 0, deadline_ns_ = 0;
  size_t under_way_ = 0;
  int64_t written_ = 0;
};

class StampedConsumer final : public Talk {
 public:
  StampedConsumer(const Options& options, Position from, Stamped& shared, Tally& tally);

  void begin(int64_t, int64_t) override {}
  Outgoing next(int64_t now_ns) override;
  bool take(Bytes answer, int64_t now_ns) override;
  bool quiet() override;
  size_t answer_bytes_max() const override;

 private:
  void received(Bytes batch, int64_t now_ns);

  const std::string topic_;
  const FetchLimits limits_;
  std::vector<Position> positions_;
  std::vector<std::byte> frame_;
  std::vector<Bytes> batches_;
  Stamped& shared_;
  Tally& tally_;
  bool waiting_ = false;
  int64_t received_ = 0;
};

}  // namespace milena::bench
