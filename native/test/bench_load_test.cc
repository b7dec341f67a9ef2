// The load generator without a network: its arguments, the batches and requests it builds, and what a connection says when.
#include <algorithm>

#include "bench/answers.h"
#include "bench/batches.h"
#include "bench/deal.h"
#include "bench/fetching.h"
#include "bench/latency.h"
#include "bench/pipelined.h"
#include "bench/requests.h"
#include "test/check.h"
#include "wire/batch.h"
#include "wire/frame.h"
#include "wire/reader.h"
#include "wire/writer.h"

using namespace milena;
using namespace milena::bench;

namespace {

std::string read(std::vector<const char*> arguments, Options& options) {
  arguments.insert(arguments.begin(), "milena-bench");
  std::string problem;
  const bool understood = read_options(static_cast<int>(arguments.size()), arguments.data(), options, problem);
  CHECK_EQ(understood, problem.empty());
  return problem;
}

void arguments_are_read_or_named() {
  Options o;
  CHECK_EQ(read({"produce", "--topic", "t", "--leader", "3=[::1]:9092", "--compression", "zstd", "--seconds", "0.5", "--acks", "-1"}, o), "");
  CHECK_EQ(o.leaders[3].host, "[::1]");
  CHECK_EQ(o.leaders[3].port, "9092");
  CHECK(o.compression == Compression::zstd && o.seconds == 0.5 && o.acks == -1);
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{
           {"--seconds", "0"}, {"--batch", "1k"}, {"--acks", "2"}, {"--leader", "x"}, {"--compression", "lzo"}, {"--unknown", "1"}, {"--idle", "-1"}}) {
    Options fresh;
    CHECK_EQ(read({"produce", "--topic", "t", "--leader", "0=a:1", name, value}, fresh), std::string("not understood: ") + name);
  }
  Options missing;
  CHECK_EQ(read({"ping"}, missing), "--leader is needed");
  CHECK_EQ(read({"ping", "--leader", "0=a:1", "--metadata-topics", "3"}, missing), "--topic is needed");
  CHECK_EQ(read({"latency", "--topic", "t", "--leader", "0=a:1"}, missing), "--rate-records is needed");
  CHECK(!read({}, missing).empty());
}

void batches_are_sound() {
  for (const Compression codec : {Compression::none, Compression::lz4, Compression::zstd}) {
    Options options;
    options.compression = codec;
    options.record_bytes = 200;
    options.batch_records = 50;
    std::string problem;
    const std::vector<Batch> batches = build_batches(options, 1'700'000'000'000, problem);
    REQUIRE(batches.size() == 1);
    const auto info = parse_batch_header(batches[0].bytes);
    REQUIRE(static_cast<bool>(info));
    CHECK(batch_crc_matches(batches[0].bytes));
    CHECK_EQ(info->count, 50);
    CHECK_EQ(info->last_offset_delta, 49);
    CHECK(info->compression() == codec);
    CHECK(batches[0].plain_bytes > 50u * 200u);
    CHECK_EQ(codec == Compression::none, batches[0].plain_bytes == batches[0].bytes.size());
  }
  Options options;
  options.data_file = "/nonexistent";
  std::string problem;
  CHECK(build_batches(options, 0, problem).empty() && problem.starts_with("/nonexistent"));
}

void partitions_are_dealt() {
  Options options;
  for (int32_t i = 0; i < 5; i++) options.leaders[i] = {i < 4 ? "a" : "b", "1"};
  options.connections = 2;
  const std::vector<Share> two = deal(options);
  REQUIRE(two.size() == 2);
  CHECK(two[0].partitions == std::vector<int32_t>({0, 2}));  // 4 has another leader than 0
  CHECK(two[1].partitions == std::vector<int32_t>({1, 3}));
  options.connections = 12;
  CHECK_EQ(deal(options).size(), 12u);
}

std::vector<std::byte> produce_answer(int16_t error) {
  std::vector<std::byte> answer;
  WireWriter to(answer);
  to.int32(correlation_id);
  to.int32(1);
  to.string(false, "t");
  to.int32(1);
  to.int32(0);
  to.int16(error);
  for (int i = 0; i < 3; i++) to.int64(0);
  to.int32(0);
  return answer;
}

Pipelined a_producer(Pace pace, int32_t batch_bytes, Tally& tally) {
  Options options;
  options.record_bytes = std::min(batch_bytes, 1024);
  options.batch_bytes = batch_bytes;
  std::string problem;
  const auto batch = std::make_shared<const Batch>(std::move(build_batches(options, 0, problem)[0]));
  std::vector<Request> requests;
  for (int32_t partition : {0, 1}) requests.push_back({produce_head("t", partition, -1, batch->bytes.size()), batch});
  return Pipelined(std::move(requests), pace, &produce_error, tally);
}

void a_closed_loop_keeps_its_depth() {
  Tally tally;
  Pipelined talk = a_producer({2, 0}, 20'000, tally);
  talk.begin(0, 1000);
  const Outgoing first = talk.next(0);
  RequestHeader header;
  CHECK(parse_request_header(first.head.subspan(frame_length_size), header));
  CHECK_EQ(header.api_key, 0);
  CHECK_EQ(load<uint32_t>(first.head.data()), first.head.size() + first.body.size() - frame_length_size);
  CHECK(!talk.next(0).empty());
  CHECK(talk.next(0).empty());
  CHECK_EQ(talk.due_ns(), never_ns);
  CHECK(talk.take(produce_answer(0), 500));
  CHECK(!talk.next(500).empty());
  CHECK(talk.take(produce_answer(6), 600));
  CHECK(talk.next(1000).empty());  // over
  CHECK(!talk.quiet());
  CHECK(talk.take(produce_answer(0), 1100));
  CHECK(talk.quiet());
  CHECK(!talk.take(produce_answer(0), 1200));  // nobody asked
  CHECK_EQ(tally.requests.get(), 3u);
  CHECK_EQ(tally.errors.get(), 1u);
  CHECK_EQ(tally.last_error, 6);
  CHECK(!talk.take({}, 1200));
}

void small_requests_leave_together() {
  Tally tally;
  Pipelined talk = a_producer({32, 0}, 100, tally);
  talk.begin(0, 1000);
  const Outgoing all = talk.next(0);
  size_t frames = 0;
  for (Bytes left = all.head; !left.empty(); frames++) left = left.subspan(frame_length_size + load<uint32_t>(left.data()));
  CHECK_EQ(frames, 32u);
  CHECK(talk.next(0).empty());
}

// A broker that stands still for ten intervals: the requests it delayed count from when they were due.
void a_fixed_rate_omits_nothing() {
  constexpr int64_t interval = 1'000'000;
  Tally tally;
  Pipelined talk = a_producer({1, interval}, 20'000, tally);
  talk.begin(0, 100 * interval);
  for (int64_t now = 0; now < 10 * interval; now += interval) {
    CHECK_EQ(talk.due_ns(), now);
    CHECK(!talk.next(now).empty());
    CHECK(talk.next(now).empty());
  }
  for (int i = 0; i < 10; i++) CHECK(talk.take(produce_answer(0), 10 * interval));
  CHECK(tally.latencies.quantile_ms(0) >= 1.0 && tally.latencies.quantile_ms(0) < 1.1);
  CHECK_EQ(tally.latencies.max_ms(), 10.0);
  // Woken late: what was due meanwhile goes out at once, each from its own moment.
  CHECK(!talk.next(15 * interval).empty());
  CHECK_EQ(talk.due_ns(), 11 * interval);
  // Even after the end; then nothing is due any more.
  int sent = 0;
  for (; !talk.next(200 * interval).empty(); sent++) CHECK(!talk.quiet());
  CHECK_EQ(sent, 89);
  CHECK_EQ(talk.due_ns(), never_ns);
  for (int i = 0; i < 90; i++) CHECK(talk.take(produce_answer(0), 201 * interval));
  CHECK(talk.quiet());
}

void a_fetch_is_patched_in_place() {
  Tally tally;
  Fetching talk("topic", {{4, 10, 0}, {5, 20, 0}}, {100, 2048}, tally);
  talk.begin(0, 1000);
  const Outgoing sent = talk.next(0);
  WireReader in(sent.head.subspan(sent.head.size() - 2 * 28 - 4 - 2));
  for (const int64_t offset : {10, 20}) {
    CHECK_EQ(in.int32(), offset == 10 ? 4 : 5);
    in.int32();
    CHECK_EQ(in.int64(), offset);
    in.int64();
    CHECK_EQ(in.int32(), 2048);
  }
  CHECK(talk.next(0).empty());
  CHECK(!talk.quiet());
}

// The answer to a fetch of partitions 4 and 5 that says where they end, without records.
std::vector<std::byte> ends_answer(int64_t of_4, int64_t of_5) {
  std::vector<std::byte> answer;
  WireWriter to(answer);
  for (const int32_t value : {correlation_id, 0}) to.int32(value);
  to.int16(0);
  for (const int32_t value : {0, 1}) to.int32(value);
  to.string(false, "topic");
  to.int32(2);
  for (const auto& [partition, end] : {std::pair{4, of_4}, {5, of_5}}) {
    to.int32(partition);
    to.int16(0);
    for (const int64_t value : {end, end, int64_t{3}}) to.int64(value);
    for (const int32_t value : {-1, -1, 0}) to.int32(value);
  }
  return answer;
}

void a_log_that_ends_begins_again() {
  Tally tally;
  Fetching talk("topic", {{4, 10, 0}, {5, 20, 0}}, {100, 2048}, tally);
  talk.begin(0, 1000);
  CHECK(!talk.next(0).empty());
  CHECK(talk.take(ends_answer(10, 21), 5));
  const Outgoing again = talk.next(5);
  CHECK_EQ(load<int64_t>(&again.head[again.head.size() - 2 * 28 - 6 + 8]), 3);
  CHECK_EQ(load<int64_t>(&again.head[again.head.size() - 28 - 6 + 8]), 20);
}

void stamps_are_sealed() {
  Options options;
  options.topic = "t";
  options.rate_records = 1000;
  options.batch_records = 1;
  options.record_bytes = 64;
  std::string problem;
  Tally tally;
  Stamped shared;
  shared.run = 77;
  StampedProducer talk(options, 0, std::move(build_batches(options, 0, problem)[0].bytes), shared, tally);
  talk.begin(5'000, 10'000'000);
  CHECK(talk.next(4'999).empty());
  const Outgoing sent = talk.next(5'000);
  CHECK(batch_crc_matches(sent.body));
  RecordCursor records(sent.body.subspan(batch_layout::header_size));
  RecordView record;
  REQUIRE(records.next(record));
  CHECK_EQ(load<int64_t>(record.value.data()), 5'000);
  CHECK_EQ(load<uint64_t>(&record.value[8]), 77u);
  CHECK_EQ(talk.due_ns(), 1'005'000);
  CHECK(talk.take(produce_answer(0), 6'000));
  CHECK(!talk.quiet());  // nine more were due
  int64_t sent_later = 0;
  for (; !talk.next(20'000'000).empty(); sent_later++) CHECK(talk.take(produce_answer(0), 20'000'000));
  CHECK(talk.quiet());
  CHECK_EQ(sent_later, 9);
  CHECK_EQ(shared.whole.load(), 10);
}

}  // namespace

int main() {
  arguments_are_read_or_named();
  batches_are_sound();
  partitions_are_dealt();
  a_closed_loop_keeps_its_depth();
  small_requests_leave_together();
  a_fixed_rate_omits_nothing();
  a_fetch_is_patched_in_place();
  a_log_that_ends_begins_again();
  stamps_are_sealed();
  return test::check_result();
}
