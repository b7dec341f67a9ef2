#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "os/background_thread.h"
#include "test/check.h"

using namespace milena;

namespace {

constexpr int background_nice = 10;
constexpr int nicest = 19;
constexpr uint64_t slice_ns = 100'000;

// sched_getattr(2): the first 48 bytes.
struct Scheduling {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
};

Scheduling scheduling() {
  Scheduling found{};
  CHECK(::syscall(SYS_sched_getattr, 0, &found, sizeof(found), 0) == 0);
  return found;
}

void steps_back_alone() {
  const Scheduling before = scheduling();
  std::thread([&] {
    become_background_thread();
    const Scheduling now = scheduling();
    CHECK(now.nice == std::max(background_nice, before.nice));
    CHECK(now.policy == before.policy);
    if (before.runtime != 0) CHECK(now.runtime == slice_ns);  // systems that have slices tell them
  }).join();
  CHECK(scheduling().nice == before.nice);
}

// A policy that is meant for what may wait anyway (chrt --batch) stays.
void keeps_the_policy() {
  std::thread([] {
    sched_param none{};
    CHECK(::sched_setscheduler(0, SCHED_BATCH, &none) == 0);
    become_background_thread();
    const Scheduling now = scheduling();
    CHECK(now.policy == SCHED_BATCH);
    CHECK(now.nice >= background_nice);
  }).join();
}

// Whoever was nicer already stays so: to become less nice needs a privilege.
void stays_nicer() {
  std::thread([] {
    CHECK(::setpriority(PRIO_PROCESS, 0, nicest) == 0);
    become_background_thread();
    CHECK(scheduling().nice == nicest);
  }).join();
}

}  // namespace

int main() {
  steps_back_alone();
  keeps_the_policy();
  stays_nicer();
  return test::check_result();
}
