// What the load generator reads of a broker's answers: sound ones are understood, and every beginning of them, every flipped byte and
// answers to somebody else are refused or read to their end, never beyond.
#include <random>

#include "bench/answers.h"
#include "test/batch_builder.h"
#include "test/check.h"
#include "wire/writer.h"

using namespace milena;
using namespace milena::bench;
using milena::test::Buffer;

namespace {

constexpr int16_t not_leader = 6;
constexpr int16_t out_of_range = 1;

Buffer produce_answer(int16_t first, int16_t second) {
  Buffer answer;
  WireWriter to(answer);
  to.int32(correlation_id);
  to.int32(1);
  to.string(false, "topic");
  to.int32(2);
  for (const int16_t error : {first, second}) {
    to.int32(0);
    to.int16(error);
    for (int i = 0; i < 3; i++) to.int64(0);
  }
  to.int32(0);  // throttle
  return answer;
}

struct FetchedPartition {
  int32_t partition;
  int16_t error = 0;
  int64_t log_start = 0;
  Buffer bytes = {};
};

Buffer fetch_answer(const std::vector<FetchedPartition>& partitions) {
  Buffer answer;
  WireWriter to(answer);
  to.int32(correlation_id);
  to.int32(0);
  to.int16(0);
  to.int32(0);
  to.int32(1);
  to.string(false, "topic");
  to.int32(static_cast<int32_t>(partitions.size()));
  for (const FetchedPartition& one : partitions) {
    to.int32(one.partition);
    to.int16(one.error);
    to.int64(100);
    to.int64(100);
    to.int64(one.log_start);
    to.int32(-1);  // aborted transactions: null
    to.int32(-1);
    to.int32(static_cast<int32_t>(one.bytes.size()));
    answer.insert(answer.end(), one.bytes.begin(), one.bytes.end());
  }
  return answer;
}

Buffer metadata_answer(int16_t error) {
  Buffer answer;
  WireWriter to(answer);
  to.int32(correlation_id);
  to.int32(0);
  to.int32(1);
  to.int32(7);
  to.string(false, "localhost");
  to.int32(9092);
  to.null_string(false);
  to.string(false, "cluster");
  to.int32(7);
  to.int32(1);
  to.int16(error);
  to.string(false, "topic");
  to.int8(0);
  to.int32(1);
  to.int16(0);
  to.int32(0);
  to.int32(7);
  for (int list = 0; list < 2; list++) {
    to.int32(1);
    to.int32(7);
  }
  return answer;
}

Buffer batch_at(int64_t base_offset) {
  Buffer batch = test::build_batch({.records = {{}, {}}});
  store(batch.data(), base_offset);
  return batch;
}

void errors_are_found() {
  CHECK_EQ(produce_error(produce_answer(0, 0)), 0);
  CHECK_EQ(produce_error(produce_answer(0, not_leader)), not_leader);
  CHECK_EQ(metadata_error(metadata_answer(0)), 0);
  CHECK_EQ(metadata_error(metadata_answer(3)), 3);
}

void answers_to_others_are_refused() {
  Buffer answer = produce_answer(0, 0);
  store(answer.data(), correlation_id + 1);
  CHECK_EQ(produce_error(answer), malformed_answer);
  CHECK_EQ(api_versions_error({}), malformed_answer);
}

void a_fetch_moves_on_and_begins_again() {
  Buffer two = batch_at(40);
  const Buffer next = batch_at(42);
  two.insert(two.end(), next.begin(), next.end());
  two.insert(two.end(), next.begin(), next.begin() + 70);  // the broker cut it off
  std::vector<Position> positions{{3, 40, 0}, {9, 5, 0}};
  const Fetched fetched = take_fetched(fetch_answer({{9, out_of_range, 30}, {3, 0, 20, two}}), positions);
  CHECK_EQ(fetched.error, 0);
  CHECK_EQ(fetched.records, 4u);
  CHECK_EQ(fetched.bytes, two.size());
  CHECK_EQ(positions[0].offset, 44);
  CHECK_EQ(positions[0].log_start, 20);
  CHECK_EQ(positions[1].offset, 30);
  // Where it has begun already an offset out of range is an error: it would never end.
  CHECK_EQ(take_fetched(fetch_answer({{9, out_of_range, 30}}), positions).error, out_of_range);
  CHECK_EQ(take_fetched(fetch_answer({{8}}), positions).error, malformed_answer);
}

// Reads `answer` as each of the kinds; what comes out does not matter here.
void read_as_anything(Bytes answer) {
  produce_error(answer);
  api_versions_error(answer);
  metadata_error(answer);
  read_end_offset(answer);
  std::vector<Position> positions{{0, 0, 0}, {3, 40, 0}};
  std::vector<Bytes> batches;
  take_fetched(answer, positions, &batches);
  for (const Position& position : positions) CHECK(position.offset >= 0);
}

void damage_is_survived() {
  const uint64_t seed = std::random_device{}();
  std::mt19937_64 random(seed);
  for (const Buffer& sound : {produce_answer(0, 0), metadata_answer(0), fetch_answer({{3, 0, 0, batch_at(40)}, {0, 0, 0, batch_at(0)}})}) {
    // Exactly so many bytes are allocated, so that a sanitizer sees a read beyond them.
    for (size_t size = 0; size < sound.size(); size++) {
      const Buffer cut(sound.begin(), sound.begin() + static_cast<ptrdiff_t>(size));
      read_as_anything(cut);
      CHECK(produce_error(cut) == malformed_answer || size >= produce_answer(0, 0).size() - 4);
    }
    for (int round = 0; round < 2000; round++) {
      Buffer damaged = sound;
      for (int flips = 0; flips < 3; flips++) damaged[random() % damaged.size()] = static_cast<std::byte>(random());
      read_as_anything(damaged);
    }
  }
  if (test::failures > 0) std::fprintf(stderr, "seed %llu\n", static_cast<unsigned long long>(seed));
}

}  // namespace

int main() {
  errors_are_found();
  answers_to_others_are_refused();
  a_fetch_moves_on_and_begins_again();
  damage_is_survived();
  return test::check_result();
}
