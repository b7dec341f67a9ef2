// Produce on real connections: places, acks, deadlines, refusals, several partitions, several connections on one partition.
#include <thread>

#include "plane/data_plane.h"
#include "test/hot_requests.h"
#include "test/served_plane.h"

using namespace milena;
using namespace milena::test;

namespace {

constexpr int16_t invalid_topic = 17;
constexpr int16_t unknown_topic = 3;
constexpr int16_t timed_out = 7;
constexpr int16_t corrupt = 2;
constexpr int16_t storage_error = 56;

Buffer batch(size_t records = 1, size_t value_bytes = 1, Compression codec = Compression::none) {
  BatchSpec spec;
  spec.records.assign(records, TestRecord{});
  for (TestRecord& record : spec.records) record.value = std::string(value_bytes, 'x');
  spec.codec = codec;
  return build_batch(spec);
}

void each_partition_has_its_answer() {
  ServedPlane served;
  served.lead("a");
  served.lead("b");
  served.lead("__consumer_offsets", served_config(), true);
  Client client(served.port);
  Buffer bad = batch();
  bad.back() ^= std::byte{1};
  const ProduceAnswer answer = read_produce(client.call(
      produce_request(7, {{"a", batch(3)}, {"nowhere", batch()}, {"b", batch()}, {"a", batch(), 4}, {"__consumer_offsets", batch()}, {"b", bad}})));
  CHECK_EQ(answer.correlation_id, 7);
  REQUIRE(answer.parts.size() == 6);
  CHECK_EQ(answer.parts[0].error, 0);
  CHECK_EQ(answer.parts[0].base_offset, 0);
  CHECK_EQ(answer.parts[0].log_start, 0);
  CHECK_EQ(answer.parts[1].error, unknown_topic);
  CHECK_EQ(answer.parts[1].base_offset, -1);
  CHECK_EQ(answer.parts[1].log_start, -1);
  CHECK_EQ(answer.parts[2].error, 0);
  CHECK_EQ(answer.parts[3].error, unknown_topic);
  CHECK_EQ(answer.parts[4].error, invalid_topic);
  CHECK_EQ(answer.parts[5].error, corrupt);
  CHECK_EQ(read_produce(client.call(produce_one(8, "a"))).parts[0].base_offset, 3);
}

void acks_one_does_not_wait_for_the_disk() {
  ServedPlane served;
  served.lead("t");
  served.hold_syncs(true);
  Client client(served.port);
  CHECK_EQ(read_produce(client.call(produce_one(1, "t", 1))).parts[0].error, 0);
  // Written, but nobody sees it before it is durable.
  CHECK_EQ(read_list_offsets(client.call(list_offsets_request(2, "t", -1))).offset, 0);
  served.hold_syncs(false);
  const FetchAnswer fetched = read_fetch(client.call(fetch_request(3, {{"t"}}, {.wait_ms = 60'000})));
  CHECK_EQ(fetched.parts[0].high_watermark, 1);
}

void acks_all_answers_at_its_deadline() {
  ServedPlane served;
  served.lead("t");
  served.hold_syncs(true);
  Client client(served.port);
  const ProduceAnswer late = read_produce(client.call(produce_request(1, {{"t", batch()}}, -1, 50)));
  CHECK_EQ(late.parts[0].error, timed_out);
  served.hold_syncs(false);
  // The record was written all the same.
  CHECK_EQ(read_produce(client.call(produce_one(2, "t"))).parts[0].base_offset, 1);
}

void acks_zero_is_silent_and_an_error_hangs_up() {
  ServedPlane served;
  served.lead("t");
  Client client(served.port);
  for (int i = 0; i < 10; i++) client.send(produce_one(i, "t", 0));
  // It takes effect in its place.
  const ProduceAnswer next = read_produce(client.call(produce_one(11, "t", 1)));
  CHECK_EQ(next.correlation_id, 11);
  CHECK_EQ(next.parts[0].base_offset, 10);
  client.send(produce_one(12, "nowhere", 0));
  CHECK(client.is_closed());
}

void other_acks_are_refused() {
  ServedPlane served;
  served.lead("t");
  Client client(served.port);
  CHECK_EQ(read_produce(client.call(produce_one(1, "t", 2))).parts[0].error, 21);
}

void a_transactional_batch_needs_an_id() {
  ServedPlane served;
  served.lead("t");
  Client client(served.port);
  BatchSpec spec;
  spec.attributes = 16;
  const ProduceAnswer answer = read_produce(client.call(produce_request(1, {{"t", batch()}, {"t", build_batch(spec)}})));
  CHECK_EQ(answer.parts[0].error, 53);
  CHECK_EQ(answer.parts[1].error, 53);
}

// Large and compressed batches are validated by another thread; those behind them keep their place.
void long_validations_keep_the_order() {
  ServedPlane served;
  served.lead("t");
  Client client(served.port);
  std::vector<Buffer> batches;
  for (int i = 0; i < 12; i++) batches.push_back(i % 3 == 0 ? batch(50'000, 20, Compression::zstd) : batch(1, i % 3 == 1 ? 2 << 20 : 1));
  std::thread sender([&] {
    for (int32_t i = 0; i < 12; i++) client.send(produce_request(i, {{"t", batches[static_cast<size_t>(i)]}}));
  });
  int64_t offset = 0;
  for (int32_t i = 0; i < 12; i++) {
    const ProduceAnswer answer = read_produce(*client.receive());
    CHECK_EQ(answer.correlation_id, i);
    CHECK_EQ(answer.parts[0].error, 0);
    CHECK_EQ(answer.parts[0].base_offset, offset);
    offset += i % 3 == 0 ? 50'000 : 1;
  }
  sender.join();
}

void a_client_that_leaves_in_between_harms_nobody() {
  ServedPlane served;
  served.lead("t");
  served.hold_syncs(true);
  for (int i = 0; i < 20; i++) {
    Client gone(served.port);
    gone.send(produce_request(1, {{"t", batch(50'000, 20, Compression::gzip)}, {"t", batch()}}));
    gone.send(produce_one(2, "t", -1, 2 << 20));
    gone.reset();
  }
  served.hold_syncs(false);
  Client client(served.port);
  CHECK_EQ(read_produce(client.call(produce_one(3, "t"))).parts[0].error, 0);
}

void a_failed_disk_is_said_to_everybody() {
  ServedPlane served;
  served.lead("t");
  served.hold_syncs(true);
  Client waiting(served.port);
  waiting.send(produce_one(1, "t"));
  Client fetching(served.port);
  fetching.send(fetch_request(2, {{"t"}}, {.wait_ms = 60'000}));
  while (served.counter(abi::Counter::fetches_parked) < 1 || served.counter(abi::Counter::appends) < 1) std::this_thread::yield();
  abi::FailCallCommand fail;
  fail.call = abi::FaultCall::sync;
  fail.nth = 1;
  fail.errno_ = EIO;
  fail.forever = true;
  REQUIRE(served.submit(fail));
  served.hold_syncs(false);
  // The sync that was held goes through before or after the fault was armed; one of the next fails.
  for (;;) {
    Client client(served.port);
    const int16_t error = read_produce(client.call(produce_one(3, "t"))).parts[0].error;
    CHECK(error == 0 || error == storage_error);
    if (error == storage_error) break;
  }
  const int16_t waited = read_produce(*waiting.receive()).parts[0].error;
  CHECK(waited == 0 || waited == storage_error);
  CHECK_EQ(read_fetch(*fetching.receive()).correlation_id, 2);
  Client after(served.port);
  CHECK_EQ(read_fetch(after.call(fetch_request(4, {{"t"}}))).parts[0].error, storage_error);
  CHECK_EQ(read_list_offsets(after.call(list_offsets_request(5, "t", -1))).error, storage_error);
}

// Many producers on few partitions, pipelining: offsets without gaps, each connection's in its order.
void many_producers_share_partitions() {
  ServedPlane served;
  for (const char* topic : {"a", "b", "c"}) served.lead(topic);
  constexpr int connections = 8;
  constexpr int32_t each = 300;
  std::vector<std::thread> threads;
  for (int n = 0; n < connections; n++) {
    threads.emplace_back([&, n] {
      Client client(served.port);
      const std::string topic(1, static_cast<char>('a' + n % 3));
      int64_t last = -1;
      int32_t received = 0;
      for (int32_t sent = 0; received < each;) {
        for (; sent < each && sent - received < 20; sent++) client.send(produce_one(sent, topic, sent % 2 == 0 ? 1 : -1));
        const ProduceAnswer answer = read_produce(*client.receive());
        CHECK_EQ(answer.correlation_id, received++);
        CHECK_EQ(answer.parts[0].error, 0);
        CHECK(answer.parts[0].base_offset > last);
        last = answer.parts[0].base_offset;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Client client(served.port);
  const int64_t total = read_produce(client.call(produce_one(1, "a"))).parts[0].base_offset + read_produce(client.call(produce_one(2, "b"))).parts[0].base_offset +
                        read_produce(client.call(produce_one(3, "c"))).parts[0].base_offset;
  CHECK_EQ(total, connections * each);
  CHECK(served.counter(abi::Counter::pwritev_calls) <= served.counter(abi::Counter::appends));
}

// main's appends are drained by the lane, clients' by their reactors: the role goes back and forth and nothing is left behind.
void main_and_clients_share_a_partition(bool write_caching) {
  abi::Options options = served_options();
  options.reactors = 3;
  ServedPlane served(options);
  abi::LogConfig config = served_config();
  config.write_caching = write_caching;
  served.lead("t", config);
  constexpr int connections = 3;
  constexpr int32_t each = 1'000;
  constexpr int32_t window = 50;
  constexpr size_t mine = 1'000;
  std::vector<std::thread> threads;
  for (int n = 0; n < connections; n++) {
    threads.emplace_back([&, n] {
      Client client(served.port);
      for (int32_t sent = 0, received = 0; received < each;) {
        for (; sent < each && sent - received < window; sent++) client.send(produce_one(sent, "t", n == 0 ? -1 : 1));
        const ProduceAnswer answer = read_produce(*client.receive());
        CHECK_EQ(answer.correlation_id, received++);
        CHECK_EQ(answer.parts[0].error, 0);
      }
    });
  }
  const Buffer own = batch();
  for (size_t i = 0; i < mine; i++) {
    served.append(own);
    if (i % 20 == 19) served.until([&] { return served.appended() + 10 > i; });
  }
  served.until([&] { return served.appended() == mine; });
  for (std::thread& thread : threads) thread.join();
  Client client(served.port);
  CHECK_EQ(read_produce(client.call(produce_one(1, "t"))).parts[0].base_offset, static_cast<int64_t>(mine) + connections * each);
}

}  // namespace

int main() {
  each_partition_has_its_answer();
  acks_one_does_not_wait_for_the_disk();
  acks_all_answers_at_its_deadline();
  acks_zero_is_silent_and_an_error_hangs_up();
  other_acks_are_refused();
  a_transactional_batch_needs_an_id();
  long_validations_keep_the_order();
  a_client_that_leaves_in_between_harms_nobody();
  a_failed_disk_is_said_to_everybody();
  many_producers_share_partitions();
  main_and_clients_share_a_partition(true);
  main_and_clients_share_a_partition(false);
  return check_result();
}
