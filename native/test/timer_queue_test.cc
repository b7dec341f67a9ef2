// Deadlines fire in order, once, and can be moved and taken back at any time, also by each other.
#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <vector>

#include "plane/timer_queue.h"
#include "test/check.h"

using namespace milena;

namespace {

struct Target final : TimerTarget {
  Target() : timer(*this) {}
  void timer_due() override {
    fired++;
    if (on_fire) on_fire();
  }
  Timer timer;
  int fired = 0;
  std::function<void()> on_fire;
};

void against_a_sorted_list() {
  const auto seed = std::random_device{}();
  std::printf("timer_queue_test seed %u\n", seed);
  std::mt19937 chance(seed);
  TimerQueue queue;
  std::vector<std::unique_ptr<Target>> targets;
  for (int i = 0; i < 200; i++) targets.push_back(std::make_unique<Target>());
  int64_t now = 0;
  for (int round = 0; round < 5'000; round++) {
    Target& target = *targets[chance() % targets.size()];
    switch (chance() % 4) {
      case 0:
      case 1: queue.set(target.timer, now + static_cast<int64_t>(chance() % 1'000)); break;
      case 2: queue.clear(target.timer); break;
      default: {
        now += static_cast<int64_t>(chance() % 50);
        std::vector<const Target*> due;
        for (const auto& each : targets) {
          each->fired = 0;
          if (each->timer.is_set() && each->timer.due_ns <= now) due.push_back(each.get());
        }
        queue.run(now);
        for (const auto& each : targets) {
          const bool was_due = std::find(due.begin(), due.end(), each.get()) != due.end();
          CHECK_EQ(each->fired, was_due ? 1 : 0);
          CHECK_EQ(each->timer.is_set() && each->timer.due_ns <= now, false);
        }
      }
    }
    int64_t next = INT64_MAX;
    for (const auto& each : targets)
      if (each->timer.is_set()) next = std::min(next, each->timer.due_ns);
    CHECK_EQ(queue.next_due_ns(), next);
  }
}

void a_target_may_take_back_another_that_is_due() {
  TimerQueue queue;
  Target first;
  Target second;
  queue.set(first.timer, 1);
  queue.set(second.timer, 2);
  first.on_fire = [&] { queue.clear(second.timer); };
  queue.run(5);
  CHECK_EQ(first.fired, 1);
  CHECK_EQ(second.fired, 0);
}

void a_target_that_sets_itself_for_now_does_not_hold_the_run() {
  TimerQueue queue;
  Target target;
  target.on_fire = [&] { queue.set(target.timer, 3); };
  queue.set(target.timer, 1);
  queue.run(5);
  CHECK_EQ(target.fired, 1);
  CHECK_EQ(queue.next_due_ns(), 3);
}

}  // namespace

int main() {
  against_a_sorted_list();
  a_target_may_take_back_another_that_is_due();
  a_target_that_sets_itself_for_now_does_not_hold_the_run();
  return test::check_result();
}
