// The budget alone, then under a whole plane: frames wait for memory in order, small ones do not, and those that trickle are given up.
#include <thread>

#include "plane/data_plane.h"
#include "plane/frame_buffer.h"
#include "test/hot_requests.h"
#include "test/served_plane.h"

using namespace milena;
using namespace milena::test;

namespace {

struct Waiter final : BudgetWaiter {
  void granted() override { grants++; }
  int grants = 0;
};

void first_come_first_served() {
  Counters counters;
  MemoryBudget budget(100, counters);
  Waiter a, b, c, d;
  a.wanted_bytes = 60;
  b.wanted_bytes = 60;
  c.wanted_bytes = 10;
  d.wanted_bytes = 10;
  CHECK(budget.reserve_or_wait(a));
  CHECK(!budget.reserve_or_wait(b));
  CHECK(!budget.reserve_or_wait(c));  // would fit, but b came first
  CHECK(!budget.reserve_or_wait(d));
  CHECK(budget.crowded());
  CHECK(budget.forget(c));
  CHECK(!budget.forget(c));
  budget.release(60);
  CHECK_EQ(b.grants, 1);
  CHECK_EQ(c.grants, 0);
  CHECK_EQ(d.grants, 1);
  CHECK(!budget.forget(b));  // granted: the bytes are its own
  CHECK_EQ(budget.used(), 70u);
  CHECK(!budget.crowded());
  budget.release(70);
  CHECK_EQ(counters.read(abi::Counter::request_memory_bytes), 0);
}

void one_frame_is_always_admitted() {
  Counters counters;
  MemoryBudget budget(100, counters);
  Waiter large, next;
  large.wanted_bytes = 5'000;
  next.wanted_bytes = 1;
  CHECK(budget.reserve_or_wait(large));
  CHECK(!budget.reserve_or_wait(next));
  budget.release(5'000);
  CHECK_EQ(next.grants, 1);
}

// What exists already leaves less, but may itself be waiting for the one that is always admitted.
void charges_count_but_hold_nobody_up_for_ever() {
  Counters counters;
  MemoryBudget budget(100, counters);
  budget.charge(80);
  CHECK(budget.has_room(20));
  CHECK(!budget.has_room(21));
  Waiter large, small;
  large.wanted_bytes = 90;
  small.wanted_bytes = 10;
  CHECK(budget.reserve_or_wait(large));
  CHECK(!budget.reserve_or_wait(small));
  CHECK(!budget.has_room(0));
  CHECK_EQ(counters.read(abi::Counter::request_memory_bytes), 170);
  budget.discharge(80);
  CHECK_EQ(small.grants, 1);
  budget.release(100);
  CHECK_EQ(budget.used(), 0u);
  CHECK_EQ(counters.read(abi::Counter::request_memory_bytes), 0);
}

void a_leaver_lets_the_next_one_in() {
  Counters counters;
  MemoryBudget budget(100, counters);
  Waiter holder, large, small;
  holder.wanted_bytes = 50;
  large.wanted_bytes = 90;
  small.wanted_bytes = 20;
  CHECK(budget.reserve_or_wait(holder));
  CHECK(!budget.reserve_or_wait(large));
  CHECK(!budget.reserve_or_wait(small));
  CHECK(budget.forget(large));
  CHECK_EQ(small.grants, 1);
}

void frames_give_back_what_they_took() {
  Counters counters;
  MemoryBudget budget(100, counters);
  FrameReserve reserve(100);
  Waiter waiter;
  waiter.wanted_bytes = 40;
  CHECK(budget.reserve_or_wait(waiter));
  CHECK(reserve.try_take(70));
  CHECK(!reserve.try_take(40));
  {
    const auto paid = FrameBuffer::make(40, {.budget = &budget, .bytes = 40});
    const auto small = FrameBuffer::make(70, {.reserve = &reserve, .bytes = 70});
    CHECK_EQ(paid.bytes.size(), 40u);
  }
  CHECK_EQ(budget.used(), 0u);
  CHECK_EQ(reserve.used(), 0u);
}

abi::Options small_budget() {
  abi::Options options = served_options();
  options.queued_max_request_bytes = 1 << 20;
  options.reactors = 1;
  return options;
}

// The first half of a frame, so that the connection holds its reservation.
Buffer half_of(const Buffer& bytes) { return {bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(bytes.size() / 2)}; }

void large_frames_wait_and_small_ones_do_not() {
  ServedPlane served(small_budget());
  served.lead("t");
  const Buffer large = Client::with_length(produce_one(1, "t", -1, 900'000));
  Client holder(served.port);
  holder.send_bytes(half_of(large));
  Client waiting(served.port);
  std::thread sender([&] { waiting.send_bytes(large); });
  Client other(served.port);
  while (served.counter(abi::Counter::request_memory_waits) == 0) CHECK_EQ(read_produce(other.call(produce_one(2, "t"))).parts[0].error, 0);
  CHECK(served.counter(abi::Counter::request_memory_bytes) <= 1 << 20);
  // Heartbeats, metadata and small produces go on while producers wait for memory.
  for (int32_t i = 0; i < 20; i++) CHECK_EQ(read_produce(other.call(produce_one(i, "t"))).parts[0].error, 0);
  holder.send_bytes(Bytes(large).subspan(large.size() / 2));
  CHECK_EQ(read_produce(*holder.receive()).parts[0].error, 0);
  CHECK_EQ(read_produce(*waiting.receive()).parts[0].error, 0);
  sender.join();
  while (served.counter(abi::Counter::request_memory_bytes) != 0) CHECK_EQ(read_produce(other.call(produce_one(3, "t"))).parts[0].error, 0);
}

void one_that_waits_may_vanish() {
  ServedPlane served(small_budget());
  served.lead("t");
  const Buffer large = Client::with_length(produce_one(1, "t", -1, 900'000));
  Client holder(served.port);
  holder.send_bytes(half_of(large));
  Client other(served.port);
  {
    Client gone(served.port);
    gone.send_bytes(Bytes(large).first(100));
    while (served.counter(abi::Counter::request_memory_waits) == 0) CHECK_EQ(read_produce(other.call(produce_one(2, "t"))).parts[0].error, 0);
    gone.reset();
  }
  while (served.counter(abi::Counter::connections_now) > 2) CHECK_EQ(read_produce(other.call(produce_one(2, "t"))).parts[0].error, 0);
  holder.reset();
  // Nothing was lost to those who left.
  while (served.counter(abi::Counter::request_memory_bytes) != 0) CHECK_EQ(read_produce(other.call(produce_one(2, "t"))).parts[0].error, 0);
  Client next(served.port);
  next.send_bytes(large);
  CHECK_EQ(read_produce(*next.receive()).parts[0].error, 0);
}

void a_parked_produce_keeps_no_memory() {
  ServedPlane served(small_budget());
  served.lead("t");
  served.hold_syncs(true);
  std::vector<std::unique_ptr<Client>> clients;
  // Together far more than the budget: each is written and waits for the sync without its bytes.
  for (int32_t i = 0; i < 6; i++) {
    clients.push_back(std::make_unique<Client>(served.port));
    clients.back()->send(produce_one(i, "t", -1, 700'000));
  }
  Client other(served.port);
  while (served.counter(abi::Counter::appends) < 6) read_list_offsets(other.call(list_offsets_request(1, "t", -1)));
  served.hold_syncs(false);
  for (const auto& client : clients) CHECK_EQ(read_produce(*client->receive()).parts[0].error, 0);
}

// The slow one is closed after its window of ten seconds, because another waits for its memory.
void a_frame_that_trickles_gives_way() {
  ServedPlane served(small_budget());
  served.lead("t");
  const Buffer large = Client::with_length(produce_one(1, "t", -1, 900'000));
  Client slow(served.port);
  slow.send_bytes(Bytes(large).first(1'000));
  Client waiting(served.port);
  std::thread sender([&] { waiting.send_bytes(large); });
  CHECK_EQ(read_produce(*waiting.receive()).parts[0].error, 0);
  CHECK(slow.is_closed());
  sender.join();
}

}  // namespace

int main() {
  first_come_first_served();
  one_frame_is_always_admitted();
  charges_count_but_hold_nobody_up_for_ever();
  a_leaver_lets_the_next_one_in();
  frames_give_back_what_they_took();
  large_frames_wait_and_small_ones_do_not();
  one_that_waits_may_vanish();
  a_parked_produce_keeps_no_memory();
  a_frame_that_trickles_gives_way();
  return check_result();
}
