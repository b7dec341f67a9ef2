// The append queue: order, gathering, and that no batch ever stays without a drainer.
#include <array>
#include <atomic>
#include <barrier>
#include <memory>
#include <thread>
#include <vector>

#include "plane/append_queue.h"
#include "test/check.h"

using namespace milena;

namespace {

struct Item : Append {
  size_t producer = 0;
  uint64_t number = 0;
  std::atomic<bool> is_done{false};
};

void gathers_in_order_within_limits() {
  AppendQueue queue(true);
  std::vector<std::unique_ptr<Item>> items;
  for (uint64_t i = 0; i < 10; i++) {
    items.push_back(std::make_unique<Item>());
    items.back()->number = i;
    items.back()->queued_bytes = i == 7 ? 1000 : 100;
    CHECK(!queue.push(*items.back()));
  }
  CHECK_EQ(queue.bytes(), 1900u);
  CHECK(queue.front() == items[0].get());
  std::array<Append*, 4> four{};
  CHECK_EQ(queue.gather(four, 10'000), 4u);  // limited by the room
  CHECK_EQ(queue.bytes(), 1900u);            // until released
  queue.release(400);
  std::array<Append*, 16> many{};
  CHECK_EQ(queue.gather(many, 350), 3u);  // limited by bytes
  CHECK_EQ(static_cast<Item*>(many[0])->number, 4u);
  CHECK_EQ(queue.gather(many, 350), 1u);  // one that is larger than the limit goes alone
  CHECK_EQ(static_cast<Item*>(many[0])->number, 7u);
  Item late;
  late.number = 10;
  CHECK(!queue.push(late));
  CHECK_EQ(queue.gather(many, 10'000), 3u);  // old and new, in order
  CHECK_EQ(static_cast<Item*>(many[0])->number, 8u);
  CHECK_EQ(static_cast<Item*>(many[2])->number, 10u);
  CHECK_EQ(queue.gather(many, 10'000), 0u);
  CHECK(queue.front() == nullptr);
}

// The interleaving that loses a batch when the second look is left out.
void looks_again_after_giving_up() {
  AppendQueue queue(true);
  CHECK(queue.front() == nullptr);  // the drainer's last look
  Item item;
  CHECK(!queue.push(item));   // arrives, sees a drainer
  CHECK(!queue.give_up());    // and is seen by it
  CHECK(queue.drained());
  CHECK(queue.front() == &item);
  std::array<Append*, 1> one{};
  CHECK_EQ(queue.gather(one, 1), 1u);
  CHECK(queue.give_up());
  CHECK(queue.push(item));    // nobody drains: the role is the pusher's

  AppendQueue called(true);
  CHECK(!called.call());
  CHECK(!called.give_up());
  CHECK(called.take_call());
  CHECK(called.give_up());
  CHECK(called.call());
}

struct Crowd {
  static constexpr size_t producers = 3;
  static constexpr uint64_t each = 5'000;
  AppendQueue queue{false};
  std::barrier<> round{producers};
  std::atomic<int> drainers{0};
  std::vector<uint64_t> next = std::vector<uint64_t>(producers, 0);  // by whoever drains
  std::atomic<uint64_t> drained{0};

  void drain() {
    CHECK_EQ(drainers.fetch_add(1), 0);
    std::array<Append*, 8> some{};
    do {
      while (const size_t count = queue.gather(some, 1 << 20)) {
        for (size_t i = 0; i < count; i++) {
          auto* item = static_cast<Item*>(some[i]);
          CHECK_EQ(item->number, next[item->producer]++);
          queue.release(item->queued_bytes);
          drained.fetch_add(1);
          item->is_done.store(true);
          item->is_done.notify_one();
        }
      }
      drainers.fetch_sub(1);
      std::this_thread::yield();  // widens the window in which a batch arrives unseen
    } while (!queue.give_up() && drainers.fetch_add(1) == 0);
  }
  // Nobody begins a round before the batches of the last one are through: a batch without a drainer hangs here.
  void produce(size_t producer) {
    for (uint64_t number = 0; number < each; number++) {
      Item item;
      item.producer = producer;
      item.number = number;
      item.queued_bytes = 10;
      if (queue.push(item)) drain();
      item.is_done.wait(false);
      round.arrive_and_wait();
    }
  }
};

void every_batch_finds_a_drainer() {
  Crowd crowd;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < Crowd::producers; i++) threads.emplace_back([&crowd, i] { crowd.produce(i); });
  for (std::thread& thread : threads) thread.join();
  CHECK_EQ(crowd.drained.load(), Crowd::producers * Crowd::each);
  CHECK_EQ(crowd.queue.bytes(), 0u);
  CHECK(!crowd.queue.drained());
}

}  // namespace

int main() {
  gathers_in_order_within_limits();
  looks_again_after_giving_up();
  every_batch_finds_a_drainer();
  return milena::test::check_result();
}
