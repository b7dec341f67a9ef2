// Order on a connection, frames of every kind, clients that half-close, vanish, trickle or do not read.
#include <random>
#include <thread>

#include "plane/connection.h"
#include "plane/data_plane.h"
#include "plane/reactor.h"
#include "test/hot_requests.h"
#include "test/served_plane.h"

using namespace milena;
using namespace milena::test;

namespace {

Buffer answer_of(int32_t correlation_id) {
  Buffer out;
  WireWriter(out).int32(correlation_id);
  return out;
}

// The i-th pair produces one record and asks for the end: the answer is i + 1, whatever the batching.
void pipelined_pairs_keep_their_order(int16_t acks, bool write_caching) {
  ServedPlane served;
  abi::LogConfig config = served_config();
  config.write_caching = write_caching;
  served.lead("t", config);
  Client client(served.port);
  constexpr int32_t pairs = 2'000;
  std::thread sender([&] {
    for (int32_t i = 0; i < pairs; i++) {
      client.send(produce_one(2 * i, "t", acks));
      client.send(list_offsets_request(2 * i + 1, "t", -1));
    }
  });
  int64_t last = 0;
  for (int32_t i = 0; i < pairs; i++) {
    const ProduceAnswer produced = read_produce(*client.receive());
    const ListOffsetsAnswer listed = read_list_offsets(*client.receive());
    CHECK_EQ(produced.correlation_id, 2 * i);
    CHECK_EQ(produced.parts[0].error, 0);
    CHECK_EQ(produced.parts[0].base_offset, i);
    CHECK_EQ(listed.correlation_id, 2 * i + 1);
    if (acks == -1 || write_caching) CHECK_EQ(listed.offset, i + 1);
    CHECK(listed.offset >= last && listed.offset <= i + 1);
    last = listed.offset;
  }
  sender.join();
}

void a_waiting_fetch_holds_back_what_follows() {
  ServedPlane served;
  served.lead("t");
  Client client(served.port);
  client.send(fetch_request(1, {{"t"}}, {.wait_ms = 60'000}));
  client.send(list_offsets_request(2, "t", -1));
  client.send(main_request(3));
  Client producer(served.port);
  CHECK_EQ(read_produce(producer.call(produce_one(9, "t"))).parts[0].error, 0);
  CHECK_EQ(read_fetch(*client.receive()).parts[0].high_watermark, 1);
  CHECK_EQ(read_list_offsets(*client.receive()).offset, 1);
  served.respond(served.next_request().connection, answer_of(3));
  CHECK(*client.receive() == answer_of(3));
}

void an_unanswered_produce_lets_only_a_produce_follow() {
  ServedPlane served;
  served.lead("t");
  served.hold_syncs(true);
  Client client(served.port);
  client.send(produce_one(1, "t"));
  client.send(produce_one(2, "t"));
  client.send(list_offsets_request(3, "t", -1));
  // Both are written although neither is answered.
  Client other(served.port);
  while (served.counter(abi::Counter::appends) < 2) CHECK_EQ(read_list_offsets(other.call(list_offsets_request(7, "t", -1))).offset, 0);
  served.hold_syncs(false);
  CHECK_EQ(read_produce(*client.receive()).correlation_id, 1);
  CHECK_EQ(read_produce(*client.receive()).correlation_id, 2);
  CHECK_EQ(read_list_offsets(*client.receive()).offset, 2);
}

void requests_for_main_go_one_at_a_time() {
  ServedPlane served;
  Client client(served.port);
  for (int32_t i = 0; i < 3; i++) client.send(main_request(i));
  for (int32_t i = 0; i < 3; i++) {
    const SeenRequest request = served.next_request();
    CHECK(request.frame == main_request(i));
    CHECK_EQ(served.counter(abi::Counter::requests_to_main), i + 1);
    served.respond(request.connection, answer_of(i));
    CHECK(*client.receive() == answer_of(i));
  }
}

void large_frames_cross_to_main_out_of_line() {
  ServedPlane served;
  Client client(served.port);
  const Buffer large = main_request(5, 19, 5 << 20);
  client.send(large);
  const SeenRequest request = served.next_request();
  CHECK(request.frame == large);
  const Buffer answer(3 << 20, std::byte{7});
  served.respond(request.connection, answer);
  CHECK(*client.receive() == answer);
}

// Everything that is not a request closes its own connection and no other.
void nonsense_closes_its_connection() {
  ServedPlane served;
  served.lead("t");
  Client witness(served.port);
  const auto with_size = [](int32_t size) {
    Buffer out;
    WireWriter(out).int32(size);
    return out;
  };
  Buffer bad_version = produce_one(1, "t");
  store<int16_t>(bad_version.data() + 2, 2);
  Buffer truncated = produce_one(1, "t");
  truncated.resize(truncated.size() - 5);
  const std::vector<Buffer> cases{with_size(-1),         with_size(0),          with_size(1 << 30),
                                  Client::with_length({}), Client::with_length(Buffer(3)), Client::with_length(bad_version),
                                  Client::with_length(truncated)};
  for (const Buffer& bytes : cases) {
    Client client(served.port);
    client.send_bytes(bytes);
    CHECK(client.is_closed());
    CHECK_EQ(read_list_offsets(witness.call(list_offsets_request(1, "t", -1))).error, 0);
  }
}

// Valid requests with some bytes changed, cut or doubled: each harms at most its own connection.
void mutated_requests_harm_nobody() {
  const auto seed = std::random_device{}();
  std::printf("connection_test mutation seed %u\n", seed);
  std::mt19937 chance(seed);
  ServedPlane served;
  served.lead("t");
  Client witness(served.port);
  const std::vector<Buffer> valid{produce_one(1, "t"), fetch_request(1, {{"t"}}, {.session_epoch = 0}), list_offsets_request(1, "t", 5),
                                  leader_epoch_request(1, "t", 0, 0), main_request(1)};
  for (int round = 0; round < 1'000; round++) {
    Buffer bytes = Client::with_length(valid[chance() % valid.size()]);
    for (size_t i = 1 + chance() % 4; i > 0; i--) bytes[chance() % bytes.size()] = static_cast<std::byte>(chance());
    if (chance() % 4 == 0) bytes.resize(chance() % bytes.size());
    Client client(served.port);
    client.send_bytes(bytes);
    if (chance() % 2 == 0) client.finish_sending();
    if (round % 50 == 0) CHECK_EQ(read_list_offsets(witness.call(list_offsets_request(round, "t", -1))).correlation_id, round);
  }
  CHECK_EQ(read_produce(witness.call(produce_one(7, "t"))).parts[0].error, 0);
}

void nonsense_behind_a_request_closes_after_its_answer() {
  ServedPlane served;
  served.lead("t");
  Client client(served.port);
  Buffer both = Client::with_length(produce_one(1, "t"));
  WireWriter(both).int32(-7);
  client.send_bytes(both);
  CHECK_EQ(read_produce(*client.receive()).parts[0].error, 0);
  CHECK(client.is_closed());
}

void frames_may_come_in_any_pieces() {
  ServedPlane served;
  served.lead("t");
  Client client(served.port);
  const Buffer bytes = Client::with_length(produce_one(1, "t", -1, 100));
  for (size_t i = 0; i < bytes.size(); i++) client.send_bytes(Bytes(bytes).subspan(i, 1));
  CHECK_EQ(read_produce(*client.receive()).parts[0].base_offset, 0);
  const Buffer large = Client::with_length(produce_one(2, "t", -1, 3 << 20));
  for (size_t at = 0; at < large.size(); at += 100'000) client.send_bytes(Bytes(large).subspan(at, std::min<size_t>(100'000, large.size() - at)));
  CHECK_EQ(read_produce(*client.receive()).parts[0].base_offset, 1);
}

// More begun frames than a reactor has blocks for: those behind them are read elsewhere, and every one is completed where it began.
void many_frames_stop_in_the_middle() {
  abi::Options options = served_options();
  options.reactors = 1;
  ServedPlane served(options);
  served.lead("t");
  constexpr size_t clients = 120;
  constexpr size_t value_bytes = 60'000;
  std::vector<std::unique_ptr<Client>> all;
  Client witness(served.port);
  for (size_t i = 0; i < clients; i++) {
    const Buffer frame = Client::with_length(produce_one(static_cast<int32_t>(i), "t", -1, value_bytes));
    all.push_back(std::make_unique<Client>(served.port));
    all.back()->send_bytes({frame.begin(), frame.begin() + value_bytes / 2});
    CHECK_EQ(read_list_offsets(witness.call(list_offsets_request(1, "t", -1))).error, 0);
  }
  const int64_t half = static_cast<int64_t>(clients * value_bytes / 2);
  while (served.counter(abi::Counter::bytes_in) < half) std::this_thread::yield();
  CHECK(served.counter(abi::Counter::request_memory_bytes) >= static_cast<int64_t>(read_blocks_max * read_block_bytes));
  CHECK_EQ(read_produce(witness.call(produce_one(7, "t"))).parts[0].base_offset, 0);
  for (size_t i = clients; i-- > 0;) {
    const Buffer frame = Client::with_length(produce_one(static_cast<int32_t>(i), "t", -1, value_bytes));
    all[i]->send_bytes({frame.begin() + value_bytes / 2, frame.end()});
    const ProduceAnswer answer = read_produce(*all[i]->receive());
    CHECK_EQ(answer.correlation_id, static_cast<int32_t>(i));
    CHECK_EQ(answer.parts[0].error, 0);
    CHECK_EQ(answer.parts[0].base_offset, static_cast<int64_t>(clients - i));
  }
  while (served.counter(abi::Counter::request_memory_bytes) != 0) std::this_thread::yield();
}

void a_half_closed_client_gets_its_answers() {
  ServedPlane served;
  served.lead("t");
  Client client(served.port);
  for (int32_t i = 0; i < 20; i++) client.send(produce_one(i, "t"));
  client.send(fetch_request(20, {{"t", 20}}, {.wait_ms = 60'000}));
  client.finish_sending();
  for (int32_t i = 0; i < 20; i++) CHECK_EQ(read_produce(*client.receive()).correlation_id, i);
  // It will send nothing more, so the fetch does not wait out its minute.
  CHECK_EQ(read_fetch(*client.receive()).correlation_id, 20);
  CHECK(client.is_closed());
}

void a_half_closed_producer_gets_its_answers() {
  ServedPlane served;
  served.lead("t");
  served.hold_syncs(true);
  Client client(served.port);
  for (int32_t i = 0; i < 20; i++) client.send(produce_one(i, "t"));
  client.finish_sending();
  // Long enough for the end to have been read: everything before it was.
  Client other(served.port);
  while (served.counter(abi::Counter::appends) < 20) read_list_offsets(other.call(list_offsets_request(1, "t", -1)));
  for (int i = 0; i < 20; i++) read_list_offsets(other.call(list_offsets_request(1, "t", -1)));
  served.hold_syncs(false);
  for (int32_t i = 0; i < 20; i++) CHECK_EQ(read_produce(*client.receive()).correlation_id, i);
  CHECK(client.is_closed());
}

void main_hears_of_clients_that_vanish() {
  ServedPlane served;
  Client client(served.port);
  client.send(main_request(1));
  const SeenRequest request = served.next_request();
  client.reset();
  served.until([&] { return served.closed_connections() == 1; });
  served.respond(request.connection, answer_of(1));
  Client other(served.port);
  other.send(main_request(2));
  const SeenRequest next = served.next_request();
  CHECK(next.connection.index != request.connection.index || next.connection.generation != request.connection.generation);
  served.disconnect(next.connection);
  CHECK(other.is_closed());
}

// What a client that does not read is owed stays small although it asks for much.
void a_slow_reader_is_not_served() {
  ServedPlane served;
  served.lead("t");
  Client producer(served.port);
  for (int32_t i = 0; i < 8; i++) CHECK_EQ(read_produce(producer.call(produce_one(i, "t", -1, 1 << 20))).parts[0].error, 0);
  Client slow(served.port);
  constexpr int32_t fetches = 300;
  for (int32_t i = 0; i < fetches; i++) slow.send(fetch_request(i, {{"t", 0, 8 << 20}}));
  // Others are served meanwhile.
  for (int32_t i = 0; i < 50; i++) CHECK_EQ(read_fetch(producer.call(fetch_request(i, {{"t", 7}}))).parts[0].error, 0);
  CHECK(served.counter(abi::Counter::fetch_requests) < fetches);
  for (int32_t i = 0; i < fetches; i++) CHECK_EQ(read_fetch(*slow.receive()).correlation_id, i);
}

// Asks for more than the sockets hold, so that the answer is stuck.
void block_sending(ServedPlane& served, Client& slow) {
  Client producer(served.port);
  for (int32_t i = 0; i < 8; i++) CHECK_EQ(read_produce(producer.call(produce_one(i, "t", -1, 1 << 20))).parts[0].error, 0);
  slow.send(fetch_request(0, {{"t", 0, 8 << 20}}));
  while (served.counter(abi::Counter::sendfile_bytes) == 0) read_list_offsets(producer.call(list_offsets_request(1, "t", -1)));
}

// All it sends is taken from the socket, and counted, although none of it can begin.
void a_slow_reader_is_read_ahead() {
  abi::Options options = served_options();
  options.socket_send_buffer_bytes = options.socket_receive_buffer_bytes = 102'400;
  ServedPlane served(options);
  served.lead("t");
  Client slow(served.port);
  block_sending(served, slow);
  const int64_t before = served.counter(abi::Counter::bytes_in);
  const int64_t listed = served.counter(abi::Counter::list_offsets_requests);
  constexpr int32_t requests = 40'000;
  Buffer all;
  for (int32_t i = 1; i <= requests; i++) {
    const Buffer one = Client::with_length(list_offsets_request(i, "t", -1));
    all.insert(all.end(), one.begin(), one.end());
  }
  REQUIRE(all.size() > (1 << 20) && all.size() < read_ahead_bytes_max);
  slow.send_bytes(all);
  while (served.counter(abi::Counter::bytes_in) < before + static_cast<int64_t>(all.size())) std::this_thread::yield();
  CHECK_EQ(served.counter(abi::Counter::list_offsets_requests), listed);
  CHECK(served.counter(abi::Counter::request_memory_bytes) >= static_cast<int64_t>(all.size()));
  CHECK_EQ(read_fetch(*slow.receive()).correlation_id, 0);
  for (int32_t i = 1; i <= requests; i++) CHECK_EQ(read_list_offsets(*slow.receive()).correlation_id, i);
  while (served.counter(abi::Counter::request_memory_bytes) != 0) std::this_thread::yield();
}

void reading_ahead_has_a_limit(int64_t budget_bytes, size_t limit) {
  abi::Options options = served_options();
  options.queued_max_request_bytes = budget_bytes;
  options.socket_receive_buffer_bytes = 102'400;
  ServedPlane served(options);
  served.lead("t");
  Client slow(served.port);
  block_sending(served, slow);
  const int64_t before = served.counter(abi::Counter::bytes_in);
  // More than the limit and all that the sockets of both sides hold.
  constexpr int32_t requests = 6'000;
  std::thread sender([&] {
    for (int32_t i = 1; i <= requests; i++) slow.send(produce_one(i, "t", -1, 4'000));
  });
  Client other(served.port);
  while (served.counter(abi::Counter::bytes_in) < before + static_cast<int64_t>(limit / 2)) std::this_thread::yield();
  for (int32_t i = 0; i < 200; i++) read_list_offsets(other.call(list_offsets_request(i, "t", -1)));
  CHECK(served.counter(abi::Counter::bytes_in) - before <= static_cast<int64_t>(limit + 2 * read_block_bytes));
  CHECK_EQ(read_fetch(*slow.receive()).correlation_id, 0);
  for (int32_t i = 1; i <= requests; i++) CHECK_EQ(read_produce(*slow.receive()).correlation_id, i);
  sender.join();
}

void idle_connections_are_closed() {
  abi::Options options = served_options();
  options.connections_max_idle_ms = 200;
  ServedPlane served(options);
  served.lead("t");
  Client idle(served.port);
  Client waiting(served.port);
  waiting.send(fetch_request(1, {{"t"}}, {.wait_ms = 2'000}));
  CHECK(idle.is_closed());
  // One that is owed an answer is not idle.
  CHECK_EQ(read_fetch(*waiting.receive()).correlation_id, 1);
}

void connections_beyond_the_limit_wait() {
  abi::Options options = served_options();
  options.max_connections = 2;
  ServedPlane served(options);
  served.lead("t");
  auto first = std::make_unique<Client>(served.port);
  Client second(served.port);
  CHECK_EQ(read_list_offsets(first->call(list_offsets_request(1, "t", -1))).error, 0);
  CHECK_EQ(read_list_offsets(second.call(list_offsets_request(1, "t", -1))).error, 0);
  Client third(served.port);
  third.send(list_offsets_request(3, "t", -1));
  CHECK_EQ(served.counter(abi::Counter::connections_now), 2);
  first.reset();
  CHECK_EQ(read_list_offsets(*third.receive()).correlation_id, 3);
}

void a_listener_without_fast_path_gives_everything_to_main() {
  ServedPlane served;
  served.lead("t");
  PlaneFailure failure;
  const uint16_t port = served.plane->listen("", 0, false, failure);
  REQUIRE(port != 0);
  Client client(port);
  client.send(produce_one(4, "t"));
  const SeenRequest request = served.next_request();
  CHECK(request.frame == produce_one(4, "t"));
  CHECK_EQ(request.listener, 1u);
  served.respond(request.connection, answer_of(4));
  CHECK(*client.receive() == answer_of(4));
}

}  // namespace

int main() {
  pipelined_pairs_keep_their_order(-1, false);
  pipelined_pairs_keep_their_order(1, false);
  pipelined_pairs_keep_their_order(1, true);
  a_waiting_fetch_holds_back_what_follows();
  an_unanswered_produce_lets_only_a_produce_follow();
  requests_for_main_go_one_at_a_time();
  large_frames_cross_to_main_out_of_line();
  nonsense_closes_its_connection();
  mutated_requests_harm_nobody();
  nonsense_behind_a_request_closes_after_its_answer();
  frames_may_come_in_any_pieces();
  many_frames_stop_in_the_middle();
  a_half_closed_client_gets_its_answers();
  a_half_closed_producer_gets_its_answers();
  main_hears_of_clients_that_vanish();
  a_slow_reader_is_not_served();
  a_slow_reader_is_read_ahead();
  reading_ahead_has_a_limit(256 << 20, read_ahead_bytes_max);
  reading_ahead_has_a_limit(1 << 20, 1 << 20);
  idle_connections_are_closed();
  connections_beyond_the_limit_wait();
  a_listener_without_fast_path_gives_everything_to_main();
  return check_result();
}
