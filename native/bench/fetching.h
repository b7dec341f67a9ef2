// Fetches some partitions from their positions on, one request at a time; at the end of a log it begins again.
#pragma once
#include <string>
#include <vector>

#include "bench/requests.h"
#include "bench/talk.h"
#include "bench/tally.h"

namespace milena::bench {

class Fetching final : public Talk {
 public:
  Fetching(std::string topic, std::vector<Position> positions, const FetchLimits& limits, Tally& tally);

  void begin(int64_t, int64_t deadline_ns) override { deadline_ns_ = deadline_ns; }
  Outgoing next(int64_t now_ns) override;
  bool take(Bytes answer, int64_t now_ns) override;
  bool quiet() override { return !waiting_; }
  size_t answer_bytes_max() const override { return answer_bytes_max_; }

 private:
  const std::string topic_;
  std::vector<Position> positions_;
  std::vector<std::byte> frame_;
  const size_t answer_bytes_max_;
  Tally& tally_;
  bool waiting_ = false;
  int64_t asked_ns_ = 0, deadline_ns_ = 0;
};

// A fetch answer may hold one batch more than was asked for, and the rest of the protocol.
size_t fetch_answer_bytes_max(const FetchLimits& limits, size_t partitions);

}  // namespace milena::bench
