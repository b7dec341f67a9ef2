// The way to main: order, one bell per change from empty, a bound for client frames, frames larger than a drain.
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
  CHECK(mailbox.post_request(large, listener));  // one is always admitted
  CHECK(!mailbox.post_request(large, listener));
  CHECK(!mailbox.post_request(large, listener));
  mailbox.post(done(1));  // what main asked for is not refused
  Buffer into(1024);
  const int64_t needed = mailbox.drain(into);
  CHECK(needed < -static_cast<int64_t>(main_frames_bytes_max));
  CHECK_EQ(listener.told, 0);
  into.resize(static_cast<size_t>(-needed));
  CHECK_EQ(mailbox.drain(into), -needed);
  CHECK_EQ(listener.told, 1);
  CHECK(mailbox.post_request(large, listener));
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

}  // namespace

int main() {
  rings_once_until_it_was_found_empty();
  is_finished_when_the_last_event_was_taken();
  refuses_client_frames_when_full_and_says_when_there_is_room();
  keeps_the_order_of_each_writer();
  return check_result();
}
