// One reactor at a time of the test's choosing, the ends of its connections, and a main that looks when it is told.
#pragma once
#include <fcntl.h>
#include <sys/socket.h>

#include <atomic>
#include <semaphore>
#include <thread>

#include "plane/reactor.h"
#include "test/hot_requests.h"
#include "test/served_plane.h"

namespace milena::test {

inline constexpr int16_t metadata = 3;
inline constexpr int company = 2;  // so many heartbeats at one time, and the next ones are held

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
        waiting.push_back(last.connection);
        found++;
      }
    }
    return found;
  }
  void answer() { reactor.post(Respond{last.connection, Buffer(4)}); }
  // Takes requests until there were so many, and answers all that have not been answered.
  void take_and_answer(size_t count) {
    for (size_t found = take(); found < count; found += take()) std::this_thread::yield();
    for (const abi::ConnectionHandle connection : waiting) reactor.post(Respond{connection, Buffer(4)});
    waiting.clear();
  }
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
  std::vector<abi::ConnectionHandle> waiting;  // of requests that were taken
};

}  // namespace milena::test
