// Connections that only live: what comes from them wakes nobody while there is much of it, is there at the next look, and waits for no
// longer than that; whoever asks for more is seen at once again.
#include "plane/patient_sockets.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <array>

#include "test/lone_reactor.h"

using namespace milena;
using namespace milena::test;

namespace {

constexpr int64_t look_ms = look_interval_ns / 1'000'000;

// Sockets that are readable when the test says so.
struct Sockets {
  Sockets() {
    REQUIRE(outer && static_cast<bool>(patients.open(outer.get(), &patients)));
    for (UniqueFd& one : ends) {
      one.reset(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.ptr = &one;
      REQUIRE(::epoll_ctl(patients.descriptor(), EPOLL_CTL_ADD, one.get(), &event) == 0);
    }
  }
  void ready(size_t i) {
    const uint64_t one = 1;
    REQUIRE(::write(ends[i].get(), &one, sizeof one) == sizeof one);
  }
  bool wakes() {
    epoll_event event{};
    return ::epoll_wait(outer.get(), &event, 1, 0) == 1 && event.data.ptr == &patients;
  }
  // How many were found; they are read.
  size_t look(int64_t now_ns, size_t room = 8) {
    std::array<epoll_event, 8> events;
    const auto found = patients.look(std::span(events).first(room), now_ns);
    for (const epoll_event& event : found) {
      uint64_t rings = 0;
      REQUIRE(::read(static_cast<UniqueFd*>(event.data.ptr)->get(), &rings, sizeof rings) == sizeof rings);
    }
    return found.size();
  }
  size_t come(int64_t now_ns) {
    ready(0);
    CHECK(wakes());
    return look(now_ns);
  }
  void gather(int64_t now_ns) {
    for (int i = 0; i < 3; i++) CHECK_EQ(come(now_ns), 1u);
    REQUIRE(patients.gathers());
  }

  UniqueFd outer{::epoll_create1(EPOLL_CLOEXEC)};
  PatientSockets patients;
  std::array<UniqueFd, 4> ends;
};

void few_are_seen_at_once() {
  Sockets sockets;
  for (int64_t i = 0; i < 10; i++) {
    CHECK_EQ(sockets.come(i * (look_interval_ns / 2 + 1)), 1u);  // never three within one interval
    CHECK(!sockets.patients.gathers());
    CHECK_EQ(sockets.patients.next_look_ns(), INT64_MAX);
    CHECK(!sockets.wakes());
  }
}

void many_are_looked_for_at_common_times() {
  Sockets sockets;
  sockets.gather(3 * look_interval_ns + 7);
  CHECK_EQ(sockets.patients.next_look_ns(), 4 * look_interval_ns);
  for (size_t i = 0; i < 3; i++) sockets.ready(i);
  CHECK(!sockets.wakes());
  CHECK_EQ(sockets.look(4 * look_interval_ns + 1), 3u);
  CHECK_EQ(sockets.patients.next_look_ns(), 5 * look_interval_ns);
  CHECK(!sockets.wakes());
}

void what_there_was_no_room_for_is_found_at_once() {
  Sockets sockets;
  sockets.gather(0);
  for (size_t i = 0; i < 4; i++) sockets.ready(i);
  CHECK_EQ(sockets.look(look_interval_ns, 3), 3u);
  CHECK_EQ(sockets.patients.next_look_ns(), look_interval_ns);
  CHECK_EQ(sockets.look(look_interval_ns, 3), 1u);
  CHECK_EQ(sockets.patients.next_look_ns(), 2 * look_interval_ns);
}

void when_none_come_the_first_is_seen_at_once_again() {
  Sockets sockets;
  sockets.gather(0);
  CHECK_EQ(sockets.look(look_interval_ns), 0u);
  CHECK(!sockets.patients.gathers());
  CHECK_EQ(sockets.patients.next_look_ns(), INT64_MAX);
  CHECK_EQ(sockets.come(3 * look_interval_ns), 1u);
  CHECK(!sockets.patients.gathers());
}

// A reactor that looks for those of its connections that have sent nothing but heartbeats, now and then.
class Patients : public Held {
 public:
  explicit Patients(size_t count) {
    in_company();
    for (size_t i = 0; i < count; i++) beating.push_back(connect());
    beat_all();
    pause();
    in_company();
    beat_all();
    for (const UniqueFd& client : clients) receive_one_of(client.get());
    pause();
    beat_all();  // these wake it, one by one
  }
  void beat_all() {
    for (const int client : beating) beat(client, 1);
    take_and_answer(beating.size());
    for (const int client : beating) receive(client);
  }
  // What was sent before is not there after a round in which another connection asked for something.
  void check_unseen() {
    const int64_t before = counters.read(abi::Counter::requests_to_main);
    send(clients[0].get(), {main_request(99, metadata)});
    // Not until main is told: heartbeats that were taken without waiting for it have left bells behind.
    while (counters.read(abi::Counter::requests_to_main) == before) std::this_thread::yield();
    CHECK_EQ(take(), 1u);
    CHECK_EQ(last_number, 99);
    take_and_answer(0);
    receive(clients[0].get());
    CHECK_EQ(take(), 0u);
  }
  // As long as there is between heartbeats of those that are patient.
  void pause() { clock.advance_ms(patient_gap_ns / 1'000'000); }
  // The next look is due.
  void look() { clock.advance_ms(look_ms); }
  std::vector<int> beating;

 private:
  // in_company() leaves two without an answer, which comes with the others'.
  void receive_one_of(int client) {
    if (std::find(beating.begin(), beating.end(), client) == beating.end()) receive(client);
  }
};

void heartbeats_are_gathered_and_told_together() {
  Patients patients(3);
  Held::send(patients.beating[0], {main_request(11, api::heartbeat)});
  Held::send(patients.beating[1], {main_request(12, api::heartbeat)});
  patients.check_unseen();
  patients.look();
  patients.wait_until_told();
  patients.take_and_answer(2);
  Held::receive(patients.beating[0]);
  Held::receive(patients.beating[1]);
}

void nobody_is_forgotten_when_no_more_come() {
  Patients patients(3);
  for (int i = 0; i < 5; i++) {
    patients.look();  // finds nothing, or what comes now
    patients.pause();
    patients.beat(patients.beating[0], i);
    patients.take_and_answer(1);
    Held::receive(patients.beating[0]);
  }
}

void whoever_beats_often_is_seen_at_once_from_then_on() {
  Patients patients(3);
  const int client = patients.beating[0];
  Held::send(client, {main_request(11, api::heartbeat)});  // hardly after the last
  patients.check_unseen();
  patients.look();
  patients.take_and_answer(1);
  Held::receive(client);
  patients.beat(client, 12);
}

void whoever_asks_for_more_is_seen_at_once_from_then_on() {
  Patients patients(3);
  const int client = patients.beating[0];
  Held::send(client, {main_request(11, metadata)});
  patients.check_unseen();
  patients.look();
  for (int i = 0; i < 2; i++) {
    patients.wait_until_told();
    patients.take_and_answer(1);
    Held::receive(client);
    if (i == 0) Held::send(client, {main_request(12, metadata)});
  }
  CHECK_EQ(patients.last_number, 12);
}

void a_peer_that_vanishes_is_noticed_at_the_next_look() {
  Patients patients(3);
  patients.clients[company].reset();
  patients.check_unseen();
  CHECK_EQ(patients.counters.read(abi::Counter::connections_closed), 0);
  patients.look();
  while (patients.counters.read(abi::Counter::connections_closed) == 0) std::this_thread::yield();
}

void draining_and_stopping_wait_for_no_look() {
  for (const bool drains : {true, false}) {
    Patients patients(3);
    Held::send(patients.beating[0], {main_request(11, api::heartbeat)});
    if (drains) patients.reactor.post(BeginDrain{});
    else patients.reactor.stop();
    while (patients.counters.read(abi::Counter::connections_closed) < static_cast<int64_t>(patients.clients.size())) std::this_thread::yield();
  }
}

}  // namespace

int main() {
  few_are_seen_at_once();
  many_are_looked_for_at_common_times();
  what_there_was_no_room_for_is_found_at_once();
  when_none_come_the_first_is_seen_at_once_again();
  heartbeats_are_gathered_and_told_together();
  nobody_is_forgotten_when_no_more_come();
  whoever_beats_often_is_seen_at_once_from_then_on();
  whoever_asks_for_more_is_seen_at_once_from_then_on();
  a_peer_that_vanishes_is_noticed_at_the_next_look();
  draining_and_stopping_wait_for_no_look();
  return check_result();
}
