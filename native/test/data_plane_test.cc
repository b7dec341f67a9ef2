// The life of a whole plane: opening, listening, closing under load, several in one process, and what is left on the next start.
#include <atomic>
#include <thread>

#include "plane/data_plane.h"
#include "plane/listening_socket.h"
#include "test/hot_requests.h"
#include "test/served_plane.h"

using namespace milena;
using namespace milena::test;

namespace {

void refuses_what_the_environment_refuses() {
  ServedPlane served;
  PlaneFailure failure;
  abi::Options options = served_options();
  const std::string dir = served.directory + "/data";
  options.log_dirs = {dir};
  CHECK(DataPlane::open(options, [] {}, failure) == nullptr);
  CHECK_EQ(failure.code, FailureCode::locked);
  options.log_dirs = {"/proc/nothing/here"};
  failure = {};
  CHECK(DataPlane::open(options, [] {}, failure) == nullptr);
  CHECK_EQ(failure.code, FailureCode::io);
  CHECK(failure.error_number != 0 && failure.message.find("/proc/nothing/here") != std::string::npos);
  options.reactors = 0;
  failure = {};
  CHECK(DataPlane::open(options, [] {}, failure) == nullptr);
  CHECK_EQ(failure.code, FailureCode::misuse);
  failure = {};
  CHECK_EQ(served.plane->listen("127.0.0.1", served.port, true, failure), 0);
  CHECK_EQ(failure.code, FailureCode::port_in_use);
  failure = {};
  CHECK_EQ(served.plane->listen("not.an.address", 0, true, failure), 0);
  CHECK_EQ(failure.code, FailureCode::address);
  failure = {};
  CHECK_EQ(served.plane->listen("203.0.113.7", 0, true, failure), 0);
  CHECK_EQ(failure.code, FailureCode::address);
}

void listens_on_every_kind_of_address() {
  ServedPlane served;
  served.lead("t");
  for (const char* host : {"", "0.0.0.0", "127.0.0.1"}) {
    PlaneFailure failure;
    const uint16_t port = served.plane->listen(host, 0, true, failure);
    REQUIRE(port != 0);
    Client client(port);
    CHECK_EQ(read_list_offsets(client.call(list_offsets_request(1, "t", -1))).error, 0);
  }
  sockaddr_storage mapped{};
  auto& in6 = reinterpret_cast<sockaddr_in6&>(mapped);
  in6.sin6_family = AF_INET6;
  inet_pton(AF_INET6, "::ffff:10.1.2.3", &in6.sin6_addr);
  CHECK(address_text(mapped) == "10.1.2.3");
}

void spreads_connections() {
  ServedPlane served;
  served.lead("t");
  std::vector<std::unique_ptr<Client>> clients;
  std::array<int, 2> by_reactor{};
  for (int32_t i = 0; i < 10; i++) {
    clients.push_back(std::make_unique<Client>(served.port));
    clients.back()->send(main_request(i));
    by_reactor[served.next_request().connection.index % reactors_max]++;
  }
  CHECK_EQ(by_reactor[0], 5);
  CHECK_EQ(by_reactor[1], 5);
}

void answers_what_is_in_flight_when_it_closes() {
  ServedPlane served;
  served.lead("t");
  Client fetching(served.port);
  fetching.send(fetch_request(1, {{"t"}}, {.wait_ms = 60'000}));
  Client asking(served.port);
  asking.send(main_request(2));
  const SeenRequest request = served.next_request();
  Client idle(served.port);
  served.hold_syncs(true);
  Client producing(served.port);
  producing.send(produce_one(3, "t"));
  while (served.counter(abi::Counter::fetches_parked_now) < 1 || served.counter(abi::Counter::appends) < 1) std::this_thread::yield();
  served.plane->begin_close();
  const Buffer answer{std::byte{0}, std::byte{0}, std::byte{0}, std::byte{2}};
  served.respond(request.connection, answer);
  CHECK(*asking.receive() == answer);
  CHECK_EQ(read_produce(*producing.receive()).parts[0].error, 0);
  CHECK_EQ(read_fetch(*fetching.receive()).correlation_id, 1);
  CHECK(asking.is_closed());
  CHECK(idle.is_closed());
  served.until([&] { return served.stopped_seen(); });
  CHECK(served.plane->stopped());
  served.plane->close_now();
  served.plane->begin_close();
}

void keeps_what_it_acknowledged() {
  ServedPlane served;
  served.lead("t");
  {
    Client client(served.port);
    for (int32_t i = 0; i < 50; i++) CHECK_EQ(read_produce(client.call(produce_one(i, "t"))).parts[0].error, 0);
  }
  served.plane.reset();
  served.open(served_options());
  served.lead("t");
  Client client(served.port);
  CHECK_EQ(read_list_offsets(client.call(list_offsets_request(1, "t", -1))).offset, 50);
}

// Closing at any moment under load ends every thread, and nothing answered is lost.
void closes_under_load(bool abruptly) {
  ServedPlane served;
  served.lead("t");
  std::atomic<int64_t> acknowledged{0};
  std::vector<std::thread> threads;
  for (int n = 0; n < 4; n++) {
    threads.emplace_back([&, n] {
      Client client(served.port);
      Client fetcher(served.port);
      for (int32_t i = 0; i < 100'000; i++) {
        const Buffer frame = Client::with_length(produce_one(i, "t", -1, n % 2 == 0 ? 10 : 200'000));
        if (::send(client.descriptor(), frame.data(), frame.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(frame.size())) return;
        const std::optional<Buffer> answer = client.receive();
        if (!answer) return;
        if (read_produce(*answer).parts[0].error == 0) acknowledged++;
      }
    });
  }
  while (acknowledged < 100) std::this_thread::yield();
  if (abruptly) {
    served.plane->close_now();
  } else {
    served.plane->begin_close();
    served.until([&] { return served.stopped_seen(); });
  }
  for (std::thread& thread : threads) thread.join();
  served.plane.reset();
  served.open(served_options());
  served.lead("t");
  Client client(served.port);
  CHECK(read_list_offsets(client.call(list_offsets_request(1, "t", -1))).offset >= acknowledged);
}

void several_live_beside_each_other() {
  ServedPlane first;
  ServedPlane second;
  first.lead("t");
  second.lead("t");
  Client one(first.port);
  Client two(second.port);
  CHECK_EQ(read_produce(one.call(produce_one(1, "t"))).parts[0].error, 0);
  CHECK_EQ(read_list_offsets(two.call(list_offsets_request(1, "t", -1))).offset, 0);
}

void refuses_bytes_that_are_no_command() {
  ServedPlane served;
  CHECK(!served.plane->submit({}));
  Buffer bytes(64, std::byte{0xff});
  CHECK(!served.plane->submit(bytes));
  std::vector<std::byte> command;
  abi::AbiWriter to(command);
  const size_t at = to.begin_message(6);
  abi::write(to, abi::WatchCommand{});
  to.end_message(at);
  CHECK(served.plane->submit(command));
  for (size_t size = 0; size < command.size(); size++) CHECK(!served.plane->submit(Bytes(command).first(size)));
  // A connection nobody has.
  served.disconnect({63, 9});
  served.disconnect({1u << 31, 1});
}

}  // namespace

int main() {
  refuses_what_the_environment_refuses();
  listens_on_every_kind_of_address();
  spreads_connections();
  answers_what_is_in_flight_when_it_closes();
  keeps_what_it_acknowledged();
  closes_under_load(false);
  closes_under_load(true);
  several_live_beside_each_other();
  refuses_bytes_that_are_no_command();
  return check_result();
}
