#include "bench/answers.h"

#include <algorithm>

#include "base/kafka_error.h"
#include "wire/batch_layout.h"
#include "wire/reader.h"

namespace milena::bench {
namespace {

// The answer behind its correlation id, which must be ours.
WireReader body_of(Bytes answer, bool& ours) {
  WireReader in(answer);
  ours = in.int32() == correlation_id && in.ok();
  return in;
}

// Keeps the first error that was met.
class FirstError {
 public:
  void met(int16_t error) {
    if (error_ == 0) error_ = error;
  }
  int16_t of(const WireReader& in) const { return in.ok() ? error_ : malformed_answer; }

 private:
  int16_t error_ = 0;
};

// Whole batches from the front on; the rest of a batch that was cut off is left out. Returns the offset behind the last, -1
// when there is none.
int64_t walk_batches(Bytes bytes, Fetched& fetched, std::vector<Bytes>* batches) {
  namespace at = batch_layout;
  int64_t next = -1;
  while (bytes.size() >= at::header_size) {
    const int64_t size = int64_t{load<int32_t>(&bytes[at::length])} + static_cast<int64_t>(at::overhead);
    if (size < static_cast<int64_t>(at::header_size) || size > static_cast<int64_t>(bytes.size())) break;
    const auto base = load<int64_t>(&bytes[at::base_offset]);
    const auto delta = load<int32_t>(&bytes[at::last_offset_delta]);
    if (base < 0 || delta < 0 || base > INT64_MAX - delta - 1) break;
    next = base + delta + 1;
    fetched.records += static_cast<uint64_t>(std::max(0, load<int32_t>(&bytes[at::record_count])));
    if (batches != nullptr) batches->push_back(bytes.first(static_cast<size_t>(size)));
    bytes = bytes.subspan(static_cast<size_t>(size));
  }
  return next;
}

// Answers name partitions in the order of the request, as a rule.
Position* find(std::vector<Position>& positions, int32_t partition, size_t hint) {
  if (hint < positions.size() && positions[hint].partition == partition) return &positions[hint];
  const auto found = std::ranges::find(positions, partition, &Position::partition);
  return found == positions.end() ? nullptr : &*found;
}

}  // namespace

int16_t produce_error(Bytes answer) {
  bool ours = false;
  WireReader in = body_of(answer, ours);
  FirstError first;
  uint32_t seen = 0;
  for (uint32_t topics = in.array_size(false); topics > 0 && in.ok(); topics--) {
    in.string(false);
    for (uint32_t partitions = in.array_size(false); partitions > 0 && in.ok(); partitions--, seen++) {
      in.int32();
      first.met(in.int16());
      for (int i = 0; i < 3; i++) in.int64();  // base offset, append time, log start
    }
  }
  return ours && seen > 0 ? first.of(in) : malformed_answer;
}

int16_t api_versions_error(Bytes answer) {
  bool ours = false;
  WireReader in = body_of(answer, ours);
  FirstError first;
  first.met(in.int16());
  for (uint32_t ranges = in.array_size(false); ranges > 0 && in.ok(); ranges--) {
    for (int i = 0; i < 3; i++) in.int16();
  }
  return ours ? first.of(in) : malformed_answer;
}

int16_t metadata_error(Bytes answer) {
  bool ours = false, null = false;
  WireReader in = body_of(answer, ours);
  in.int32();  // throttle
  for (uint32_t brokers = in.array_size(false); brokers > 0 && in.ok(); brokers--) {
    in.int32();
    in.string(false);
    in.int32();
    in.nullable_string(false, null);
  }
  in.nullable_string(false, null);  // cluster
  in.int32();                       // controller
  FirstError first;
  for (uint32_t topics = in.array_size(false); topics > 0 && in.ok(); topics--) {
    first.met(in.int16());
    in.string(false);
    in.int8();
    for (uint32_t partitions = in.array_size(false); partitions > 0 && in.ok(); partitions--) {
      first.met(in.int16());
      in.int32();
      in.int32();
      for (int list = 0; list < 2; list++) {
        for (uint32_t nodes = in.array_size(false); nodes > 0 && in.ok(); nodes--) in.int32();
      }
    }
  }
  return ours ? first.of(in) : malformed_answer;
}

EndOffset read_end_offset(Bytes answer) {
  bool ours = false;
  WireReader in = body_of(answer, ours);
  const bool one_topic = in.array_size(false) == 1;
  in.string(false);
  const bool one_partition = in.array_size(false) == 1;
  in.int32();
  EndOffset end;
  end.error = in.int16();
  in.int64();  // timestamp
  end.offset = in.int64();
  if (!ours || !in.ok() || !one_topic || !one_partition) end.error = malformed_answer;
  return end;
}

Fetched take_fetched(Bytes answer, std::vector<Position>& positions, std::vector<Bytes>* batches) {
  bool ours = false, null = false;
  WireReader in = body_of(answer, ours);
  in.int32();  // throttle
  Fetched fetched;
  FirstError first;
  first.met(in.int16());
  in.int32();  // session
  size_t hint = 0;
  for (uint32_t topics = in.array_size(false); topics > 0 && in.ok(); topics--) {
    in.string(false);
    for (uint32_t partitions = in.array_size(false); partitions > 0 && in.ok(); partitions--) {
      Position* position = find(positions, in.int32(), hint++);
      const auto error = in.int16();
      const auto high_watermark = in.int64();
      in.int64();  // last stable offset
      const auto log_start = in.int64();
      const auto aborted = in.int32();
      for (int32_t i = 0; i < aborted && in.ok(); i++) {
        in.int64();
        in.int64();
      }
      in.int32();  // preferred replica
      const Bytes bytes = in.nullable_bytes(false, null);
      if (!in.ok() || position == nullptr) return {malformed_answer, 0, 0};
      if (log_start >= 0) position->log_start = log_start;
      if (high_watermark >= 0) position->end = high_watermark;
      const int64_t next = walk_batches(bytes, fetched, batches);
      fetched.bytes += bytes.size();
      if (next >= 0) position->offset = next;
      const bool gone = error == static_cast<int16_t>(KafkaError::offset_out_of_range) && position->offset != position->log_start;
      if (gone) position->offset = position->log_start;
      else first.met(error);
    }
  }
  fetched.error = ours ? first.of(in) : malformed_answer;
  return fetched;
}

}  // namespace milena::bench
