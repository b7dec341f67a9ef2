// The way to main: order, one bell per change from empty, a bound for client frames, frames larger than a drain, and events that are in
// no hurry: held in company, never for long, never forgotten.
#include <atomic>
#include <thread>

#include "plane/event_mailbox.h"
#include "test/batch_builder.h"
#include "test/check.h"

using namespace milena;
using namespace milena::test;

namespace {

struct Listener final : RoomListener {
  void room_at_main() override { told++; }
  int told = 0;
};

abi::DoneEvent done(int64_t ticket) { return {.ticket = ticket, .error = 0, .offset = 0}; }

std::vector<int64_t> tickets_of(Bytes messages) {
  std::vector<int64_t> tickets;
  while (!messages.empty()) {
    abi::AbiReader from(messages);
    uint32_t size = 0;
    uint8_t tag = 0;
    abi::DoneEvent event;
    REQUIRE(from.number(size) && from.number(tag) && abi::read(from, event));
    tickets.push_back(event.ticket);
    messages = messages.subspan(4 + size);
  }
  return tickets;
}

void rings_once_until_it_was_found_empty() {
  Counters counters;
  int rings = 0;
  EventMailbox mailbox(counters, [&] { rings++; });
  Buffer into(1 << 20);
  mailbox.post(done(1));
  mailbox.post(done(2));
  CHECK_EQ(rings, 1);
  const int64_t size = mailbox.drain(into);
  CHECK(tickets_of(Bytes(into).first(static_cast<size_t>(size))) == (std::vector<int64_t>{1, 2}));
  // Main has not found it empty yet, so it will look again by itself.
  mailbox.post(done(3));
  CHECK_EQ(rings, 1);
  CHECK(mailbox.drain(into) > 0);
  CHECK_EQ(mailbox.drain(into), 0);
  mailbox.post(done(4));
  CHECK_EQ(rings, 2);
}

void is_finished_when_the_last_event_was_taken() {
  Counters counters;
  EventMailbox mailbox(counters, [] {});
  Buffer into(1 << 10);
  CHECK(!mailbox.finished());
  mailbox.post_last(done(1));
  CHECK(!mailbox.finished());
  CHECK(mailbox.drain(into) > 0);
  CHECK(mailbox.finished());
}

void refuses_client_frames_when_full_and_says_when_there_is_room() {
  Counters counters;
  EventMailbox mailbox(counters, [] {});
  Listener listener;
  const Buffer frame(main_frames_bytes_max + 10);
  const abi::RequestEvent large{.connection = {}, .listener = 0, .peer_address = "::1", .frame = frame};
  const auto post = [&] { return mailbox.post_request(large, listener, Urgency::now, 0); };
  CHECK(post() == Posted::told);  // one is always admitted
  CHECK(post() == Posted::refused);
  CHECK(post() == Posted::refused);
  mailbox.post(done(1));  // what main asked for is not refused
  Buffer into(1024);
  const int64_t needed = mailbox.drain(into);
  CHECK(needed < -static_cast<int64_t>(main_frames_bytes_max));
  CHECK_EQ(listener.told, 0);
  into.resize(static_cast<size_t>(-needed));
  CHECK_EQ(mailbox.drain(into), -needed);
  CHECK_EQ(listener.told, 1);
  CHECK(post() == Posted::told);
}

void keeps_the_order_of_each_writer() {
  Counters counters;
  std::atomic<int> rings{0};
  EventMailbox mailbox(counters, [&] { rings++; });
  constexpr int64_t writers = 4;
  constexpr int64_t each = 20'000;
  std::vector<std::thread> threads;
  for (int64_t writer = 0; writer < writers; writer++)
    threads.emplace_back([&, writer] {
      for (int64_t i = 0; i < each; i++) mailbox.post(done(writer * each + i));
    });
  std::vector<int64_t> next(writers, 0);
  Buffer into(1 << 20);
  for (int64_t left = writers * each; left > 0;) {
    const int64_t size = mailbox.drain(into);
    REQUIRE(size >= 0);
    for (const int64_t ticket : tickets_of(Bytes(into).first(static_cast<size_t>(size)))) {
      CHECK_EQ(ticket % each, next[static_cast<size_t>(ticket / each)]++);
      left--;
    }
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(rings > 0);
}

// A mailbox at a time of the test's choosing, and who has been told what.
struct Patient {
  Posted post(int64_t now_ns, Urgency urgency = Urgency::may_wait, size_t frame_bytes = 1) {
    return post_on(static_cast<uint32_t>(posted), now_ns, urgency, frame_bytes);
  }
  Posted post_on(uint32_t connection, int64_t now_ns, Urgency urgency = Urgency::may_wait, size_t frame_bytes = 1) {
    const Buffer frame(frame_bytes, static_cast<std::byte>(posted++));
    return mailbox.post_request({.connection = {connection, 1}, .listener = 0, .peer_address = "::1", .frame = frame}, listener, urgency, now_ns);
  }
  // Enough of them that the next ones have company; main has taken them.
  void in_company(int64_t now_ns) {
    CHECK(post(now_ns) == Posted::told);
    CHECK(post(now_ns) == Posted::told);
    CHECK_EQ(seen().size(), size_t{2});
    rings = 0;
  }
  // The first bytes of the frames that main finds until there are none.
  std::vector<int> seen() {
    std::vector<int> found;
    Buffer into(1 << 20);
    for (int64_t size = mailbox.drain(into); size > 0; size = mailbox.drain(into)) {
      for (Bytes left = Bytes(into).first(static_cast<size_t>(size)); !left.empty();) {
        abi::AbiReader from(left);
        uint32_t bytes = 0;
        uint8_t tag = 0;
        abi::RequestEvent event;
        REQUIRE(from.number(bytes) && from.number(tag) && abi::read(from, event));
        found.push_back(static_cast<int>(event.frame[0]));
        left = left.subspan(4 + bytes);
      }
    }
    return found;
  }

  Counters counters;
  int rings = 0;
  int posted = 0;
  Listener listener;
  EventMailbox mailbox{counters, [this] { rings++; }};
};

constexpr int64_t ms = 1'000'000;

void one_of_few_is_told_at_once() {
  Patient patient;
  for (int64_t i = 0; i < 10; i++) {
    CHECK(patient.post(i * 3 * ms) == Posted::told);  // never three within the time that one may be held
    CHECK_EQ(patient.rings, static_cast<int>(i) + 1);
    CHECK_EQ(patient.seen().size(), size_t{1});
  }
}

void one_or_two_connections_are_no_company() {
  Patient patient;
  for (uint32_t i = 0; i < 10; i++) {
    CHECK(patient.post_on(i % 2, 0) == Posted::told);
    CHECK_EQ(patient.seen().size(), size_t{1});
  }
  CHECK(patient.post_on(2, 0) == Posted::held);
}

void one_of_many_is_held_until_something_rings() {
  Patient patient;
  patient.in_company(0);
  CHECK(patient.post(1 * ms) == Posted::held);
  CHECK(patient.post(2 * ms) == Posted::held);
  CHECK_EQ(patient.rings, 0);
  CHECK(patient.post(2 * ms, Urgency::now) == Posted::told);
  CHECK_EQ(patient.rings, 1);
  CHECK(patient.post(2 * ms) == Posted::told);  // main is awake
  CHECK(patient.seen() == (std::vector<int>{2, 3, 4, 5}));
  patient.mailbox.ring_held();
  CHECK_EQ(patient.rings, 1);
}

void what_was_held_long_enough_rings() {
  Patient patient;
  patient.in_company(0);
  CHECK(patient.post(1 * ms) == Posted::held);
  CHECK(patient.post(3 * ms) == Posted::held);
  CHECK(patient.post(1 * ms + held_ns_max - 1) == Posted::held);
  CHECK_EQ(patient.rings, 0);
  CHECK(patient.post(1 * ms + held_ns_max) == Posted::told);
  CHECK_EQ(patient.rings, 1);
  CHECK(patient.seen() == (std::vector<int>{2, 3, 4, 5}));
  // The next one's time begins with it.
  CHECK(patient.post(7 * ms) == Posted::held);
  CHECK(patient.post(10 * ms) == Posted::held);
  CHECK_EQ(patient.rings, 1);
}

void whoever_posted_it_may_ring() {
  Patient patient;
  patient.in_company(0);
  patient.mailbox.ring_held();
  CHECK_EQ(patient.rings, 0);
  CHECK(patient.post(1 * ms) == Posted::held);
  patient.mailbox.ring_held();
  CHECK_EQ(patient.rings, 1);
  patient.mailbox.ring_held();
  CHECK_EQ(patient.rings, 1);
  CHECK(patient.seen() == (std::vector<int>{2}));
  patient.mailbox.ring_held();
  CHECK_EQ(patient.rings, 1);
}

void what_main_found_by_itself_is_not_held_any_more() {
  Patient patient;
  patient.in_company(0);
  CHECK(patient.post(1 * ms) == Posted::held);
  CHECK(patient.seen() == (std::vector<int>{2}));
  patient.mailbox.ring_held();
  CHECK_EQ(patient.rings, 0);
  // What comes now has all of its time.
  CHECK(patient.post(4 * ms) == Posted::held);
  CHECK(patient.post(6 * ms) == Posted::held);
}

void what_is_held_does_not_keep_room_from_others() {
  Patient patient;
  patient.in_company(0);
  CHECK(patient.post(0, Urgency::may_wait, held_frames_bytes_max) == Posted::held);
  CHECK(patient.post(0, Urgency::may_wait, 1) == Posted::told);
  CHECK_EQ(patient.seen().size(), size_t{2});
  patient.rings = 0;
  CHECK(patient.post(0) == Posted::held);
  CHECK(patient.post(0, Urgency::now, main_frames_bytes_max) == Posted::refused);
  CHECK_EQ(patient.rings, 1);
  CHECK_EQ(patient.listener.told, 0);
  CHECK_EQ(patient.seen().size(), size_t{1});
  CHECK_EQ(patient.listener.told, 1);
}

void gatherers_are_waited_for() {
  Patient patient;
  for (int i = 0; i < 3; i++) patient.mailbox.expect_gatherer();
  patient.in_company(0);
  for (int64_t time = 1; time <= 2; time++) {
    patient.rings = 0;
    CHECK(patient.post(0) == Posted::held);
    for (int i = 0; i < 2; i++) {
      patient.mailbox.gathered(time);
      CHECK_EQ(patient.rings, 0);
    }
    CHECK(patient.post(0) == Posted::held);
    patient.mailbox.gathered(time);
    CHECK_EQ(patient.rings, 1);
    CHECK_EQ(patient.seen().size(), size_t{2});
  }
}

void a_gatherer_that_does_not_come_is_not_waited_for_again() {
  Patient patient;
  for (int i = 0; i < 3; i++) patient.mailbox.expect_gatherer();
  patient.in_company(0);
  CHECK(patient.post(0) == Posted::held);
  patient.mailbox.gathered(1);
  patient.mailbox.gathered(1);
  CHECK_EQ(patient.rings, 0);
  patient.mailbox.gathered(2);
  CHECK_EQ(patient.rings, 1);
  CHECK_EQ(patient.seen().size(), size_t{1});
  // The late one belongs to the time that the others are at.
  CHECK(patient.post(0) == Posted::held);
  patient.mailbox.gathered(1);
  CHECK_EQ(patient.rings, 1);
  // One of those that are awaited gathers no more.
  patient.mailbox.forget_gatherer();
  CHECK_EQ(patient.rings, 2);
}

}  // namespace

int main() {
  rings_once_until_it_was_found_empty();
  is_finished_when_the_last_event_was_taken();
  refuses_client_frames_when_full_and_says_when_there_is_room();
  keeps_the_order_of_each_writer();
  one_of_few_is_told_at_once();
  one_or_two_connections_are_no_company();
  one_of_many_is_held_until_something_rings();
  what_was_held_long_enough_rings();
  whoever_posted_it_may_ring();
  what_main_found_by_itself_is_not_held_any_more();
  what_is_held_does_not_keep_room_from_others();
  gatherers_are_waited_for();
  a_gatherer_that_does_not_come_is_not_waited_for_again();
  return check_result();
}
