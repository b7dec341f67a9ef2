#include "bench/run.h"

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include "bench/deal.h"
#include "bench/idle.h"
#include "bench/loop.h"
#include "bench/report.h"

namespace milena::bench {
namespace {

// One thread for each part of the plan; every second what was done in it is printed.
void run_threads(Plan& plan, const Clock& clock, int64_t begin_ns, int64_t deadline_ns) {
  std::mutex lock;
  std::condition_variable ended;
  size_t running = plan.threads.size();
  std::vector<std::thread> threads;
  for (size_t i = 0; i < plan.threads.size(); i++) {
    threads.emplace_back([&, i] {
      Loop(std::move(plan.threads[i]), clock, *plan.tallies[i]).run(begin_ns, deadline_ns);
      const std::lock_guard hold(lock);
      if (--running == 0) ended.notify_one();
    });
  }
  Sum before;
  std::unique_lock hold(lock);
  while (!ended.wait_for(hold, std::chrono::seconds(1), [&] { return running == 0; })) {
    const Sum now = sum_of(plan.tallies);
    print_second(before, now);
    before = now;
  }
  hold.unlock();
  for (std::thread& thread : threads) thread.join();
}

int failed(const std::string& problem) {
  std::fprintf(stderr, "%s\n", problem.c_str());
  return EXIT_FAILURE;
}

}  // namespace

int run(const Options& options) {
  const SystemClock clock;
  IdleConnections idle;
  Idle idled;
  if (options.idle > 0) {
    const int64_t began = clock.monotonic_ns();
    const std::string problem = idle.open(options.leaders.begin()->second, static_cast<size_t>(options.idle), clock);
    if (!problem.empty()) return failed(problem);
    idled.connections = idle.count();
    idled.open_seconds = static_cast<double>(clock.monotonic_ns() - began) / 1e9;
  }
  Plan plan;
  if (const std::string problem = prepare(options, clock, plan); !problem.empty()) return failed(problem);
  const int64_t begin_ns = clock.monotonic_ns();
  const int64_t deadline_ns = begin_ns + static_cast<int64_t>(options.seconds * 1e9);
  run_threads(plan, clock, begin_ns, deadline_ns);
  // A latency run goes on until the last record has arrived; its rate is what was asked for.
  const double took = static_cast<double>(clock.monotonic_ns() - begin_ns) / 1e9;
  idled.disturbed = idle.disturbed();
  print_whole(plan.tallies, options.mode == Mode::latency ? options.seconds : took, idled);
  for (const auto& tally : plan.tallies) {
    if (!tally->problem.empty()) return failed(tally->problem);
  }
  return sum_of(plan.tallies).errors == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace milena::bench
