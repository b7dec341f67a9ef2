// Heartbeats of many connections through a reactor at a time of the test's choosing: they wait for each other in the mailbox to main, but
// not for longer than they may, and neither does anything behind them.
#include <fcntl.h>

#include <atomic>
#include <semaphore>
#include <thread>

#include "plane/reactor.h"
#include "test/hot_requests.h"
#include "test/served_plane.h"

using namespace milena;
using namespace milena::test;

namespace {

constexpr int16_t metadata = 3;
constexpr int company = 2;  // so many heartbeats at one time, and the next ones are held

// One reactor, the ends of its connections, and a main that looks when it is told.
class Held {
 public:
  Held() {
    REQUIRE(static_cast<bool>(reactor.start()));
  }
  ~Held() {
    reactor.stop();
    reactor.finish();
  }

  int connect() {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    REQUIRE(::fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
    REQUIRE(gate.enter());
    reactor.expect_connection();
    reactor.post(Adopt{UniqueFd(ends[1]), {}, "::1"});
    clients.emplace_back(ends[0]);
    return ends[0];
  }
  static void send(int client, const std::vector<Buffer>& frames) {
    Buffer bytes;
    for (const Buffer& frame : frames) {
      const Buffer framed = Client::with_length(frame);
      bytes.insert(bytes.end(), framed.begin(), framed.end());
    }
    REQUIRE(::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
  }
  // Sends a heartbeat and waits until it lies in the mailbox.
  void beat(int client, int32_t number) {
    const int64_t before = counters.read(abi::Counter::requests_to_main);
    send(client, {main_request(number, api::heartbeat)});
    while (counters.read(abi::Counter::requests_to_main) == before) std::this_thread::yield();
  }
  // The first is told, for it is alone; main takes both.
  void in_company() {
    clock.advance_ms(held_ns_max / 1'000'000 + 1);
    for (int i = 0; i < company; i++) beat(connect(), i);
    wait_until_told();
    for (size_t found = 0; found < company;) found += take();
  }
  bool is_told() { return bells.try_acquire(); }
  void wait_until_told() { REQUIRE(bells.try_acquire_for(std::chrono::seconds(socket_deadline_s))); }
  // Requests that main finds.
  size_t take() {
    size_t found = 0;
    Buffer into(1 << 20);
    for (int64_t size = mailbox.drain(into); size > 0; size = mailbox.drain(into)) {
      for (Bytes left = Bytes(into).first(static_cast<size_t>(size)); !left.empty();) {
        abi::AbiReader from(left);
        uint32_t bytes = 0;
        uint8_t tag = 0;
        REQUIRE(from.number(bytes) && from.number(tag));
        left = left.subspan(4 + bytes);
        if (tag != abi::tag_of(static_cast<const abi::RequestEvent*>(nullptr))) continue;
        REQUIRE(abi::read(from, last));
        last_number = load<int32_t>(last.frame.data() + 4);
        found++;
      }
    }
    return found;
  }
  void answer() { reactor.post(Respond{last.connection, Buffer(4)}); }
  static void receive(int client) {
    std::byte answer[8];
    REQUIRE(::recv(client, answer, sizeof answer, MSG_WAITALL) == sizeof answer);
  }

  ManualClock clock{1'000};
  Counters counters;
  std::counting_semaphore<> bells{0};
  EventMailbox mailbox{counters, [this] { bells.release(); }};
  PartitionTable table;
  MemoryBudget budget{256 << 20, counters};
  FetchSessionCache sessions{10, 1, counters};
  KnownAnswers known;
  ConnectionGate gate{100, counters};
  WorkerPool computing{"compute", 1};
  std::vector<std::unique_ptr<WorkerPool>> reading;
  PlaneShared shared{clock, table, mailbox, budget, counters, sessions, known, gate, computing, reading, ConnectionLimits{}};
  Reactor reactor{shared, 0};
  std::vector<UniqueFd> clients;
  abi::RequestEvent last;  // only its handle is good after take()
  int32_t last_number = 0;
};

void main_is_told_when_the_time_is_over() {
  Held held;
  held.in_company();
  held.beat(held.connect(), 7);
  held.beat(held.connect(), 8);
  CHECK(!held.is_told());
  held.clock.advance_ms(held_ns_max / 1'000'000);
  held.wait_until_told();
  CHECK_EQ(held.take(), 2u);
  CHECK_EQ(held.last_number, 8);
  // Those to come have a time of their own: the one that comes when it is over rings for all.
  held.in_company();
  held.beat(held.connect(), 9);
  held.clock.advance_ms(held_ns_max / 1'000'000 - 1);
  held.beat(held.connect(), 10);
  CHECK(!held.is_told());
  held.clock.advance_ms(1);
  held.beat(held.connect(), 11);
  held.wait_until_told();
  CHECK_EQ(held.take(), 3u);
  CHECK_EQ(held.last_number, 11);
}

void another_request_takes_along_what_is_held() {
  Held held;
  held.in_company();
  held.beat(held.connect(), 7);
  CHECK(!held.is_told());
  Held::send(held.connect(), {main_request(8, metadata)});
  held.wait_until_told();
  CHECK_EQ(held.take(), 2u);
  CHECK_EQ(held.last_number, 8);
}

void what_stands_behind_one_that_is_held_does_not_wait_for_it() {
  Held held;
  held.in_company();
  const int client = held.connect();
  // At once.
  Held::send(client, {main_request(7, api::heartbeat), main_request(8, metadata)});
  held.wait_until_told();
  CHECK_EQ(held.take(), 1u);
  CHECK_EQ(held.last_number, 7);
  held.answer();
  Held::receive(client);
  held.wait_until_told();
  CHECK_EQ(held.take(), 1u);
  CHECK_EQ(held.last_number, 8);
  held.answer();
  Held::receive(client);
  // Later.
  held.in_company();
  held.beat(client, 9);
  CHECK(!held.is_told());
  Held::send(client, {main_request(10, metadata)});
  held.wait_until_told();
  CHECK_EQ(held.take(), 1u);
  held.answer();
  Held::receive(client);
  held.wait_until_told();
  CHECK_EQ(held.take(), 1u);
  CHECK_EQ(held.last_number, 10);
}

void a_peer_that_ends_or_vanishes_is_not_waited_for() {
  Held held;
  held.in_company();
  const int ending = held.connect();
  held.beat(ending, 7);
  CHECK(!held.is_told());
  REQUIRE(::shutdown(ending, SHUT_WR) == 0);
  held.wait_until_told();
  CHECK_EQ(held.take(), 1u);
  held.in_company();
  held.beat(held.connect(), 8);
  CHECK(!held.is_told());
  held.clients.back().reset();
  held.wait_until_told();
  CHECK_EQ(held.take(), 1u);
}

void draining_and_stopping_tell_main() {
  for (const bool drains : {true, false}) {
    Held held;
    held.in_company();
    held.beat(held.connect(), 7);
    CHECK(!held.is_told());
    if (drains) held.reactor.post(BeginDrain{});
    else held.reactor.stop();
    held.wait_until_told();
    CHECK_EQ(held.take(), 1u);
    CHECK_EQ(held.last_number, 7);
  }
}

}  // namespace

int main() {
  main_is_told_when_the_time_is_over();
  another_request_takes_along_what_is_held();
  what_stands_behind_one_that_is_held_does_not_wait_for_it();
  a_peer_that_ends_or_vanishes_is_not_waited_for();
  draining_and_stopping_tell_main();
  return check_result();
}
