// Heartbeats of many connections through a reactor at a time of the test's choosing: they wait for each other in the mailbox to main, but
// not for longer than they may, and neither does anything behind them.
#include "test/lone_reactor.h"

using namespace milena;
using namespace milena::test;

namespace {

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
