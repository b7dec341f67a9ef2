#include "bench/run.h"

#include <sys/resource.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <thread>
#include <vector>

#include "bench/connections.h"

namespace milena::bench {
namespace {

// Partitions are dealt to connections in turn; a connection serves those of one leader.
std::vector<Share> deal(const Options& options) {
  std::vector<Share> shares(static_cast<size_t>(options.connections));
  const auto connections = static_cast<int32_t>(shares.size());
  const auto partitions = static_cast<int32_t>(options.leaders.size());
  int32_t index = 0;
  for (const auto& [partition, leader] : options.leaders) {
    for (int32_t c = index % connections; c < connections; c += std::max(partitions, 1)) {
      Share& share = shares[static_cast<size_t>(c)];
      if (share.partitions.empty()) share.target = leader;
      if (share.target.host == leader.host && share.target.port == leader.port) share.partitions.push_back(partition);
    }
    index++;
  }
  std::erase_if(shares, [](const Share& share) { return share.partitions.empty(); });
  return shares;
}

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void print_second(const Tally& tally, uint64_t& bytes_before, uint64_t& requests_before) {
  const uint64_t bytes = tally.bytes.load(), requests = tally.requests.load();
  std::printf("{\"second\":{\"bytes\":%llu,\"requests\":%llu}}\n", static_cast<unsigned long long>(bytes - bytes_before),
              static_cast<unsigned long long>(requests - requests_before));
  std::fflush(stdout);
  bytes_before = bytes;
  requests_before = requests;
}

void print_whole(const Tally& tally, double seconds) {
  const Histogram& h = tally.latencies();
  const auto per_second = [&](const std::atomic<uint64_t>& count) { return static_cast<double>(count.load()) / seconds; };
  std::printf("{\"bytes\":%llu,\"records\":%llu,\"requests\":%llu,\"errors\":%llu,\"lastError\":%d,\"seconds\":%.3f,"
              "\"bytesPerSecond\":%.0f,\"recordsPerSecond\":%.0f,\"requestsPerSecond\":%.0f,\"clientCpuSeconds\":%.3f,"
              "\"latencyMs\":{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f}}\n",
              static_cast<unsigned long long>(tally.bytes.load()), static_cast<unsigned long long>(tally.records.load()),
              static_cast<unsigned long long>(tally.requests.load()), static_cast<unsigned long long>(tally.errors.load()),
              tally.last_error.load(), seconds, per_second(tally.bytes), per_second(tally.records), per_second(tally.requests),
              cpu_seconds(), h.quantile_ms(.5), h.quantile_ms(.9), h.quantile_ms(.99), h.quantile_ms(.999), h.max_ms());
}

}  // namespace

int run(const Options& options) {
  const SystemClock clock;
  Tally tally;
  const std::vector<Share> shares = deal(options);
  const int64_t began = clock.monotonic_ns();
  const int64_t deadline = began + static_cast<int64_t>(options.seconds * 1e9);
  std::mutex lock;
  std::condition_variable ended;
  size_t running = shares.size();
  std::vector<std::thread> threads;
  for (const Share& share : shares) {
    threads.emplace_back([&, share] {
      const auto work = options.mode == Mode::produce ? produce_on : fetch_on;
      work(options, share, clock, deadline, tally);
      const std::lock_guard hold(lock);
      if (--running == 0) ended.notify_one();
    });
  }
  uint64_t bytes = 0, requests = 0;
  for (std::unique_lock hold(lock); !ended.wait_for(hold, std::chrono::seconds(1), [&] { return running == 0; });) {
    print_second(tally, bytes, requests);
  }
  for (std::thread& thread : threads) thread.join();
  print_whole(tally, static_cast<double>(clock.monotonic_ns() - began) / 1e9);
  if (!tally.problem().empty()) std::fprintf(stderr, "%s\n", tally.problem().c_str());
  return tally.errors.load() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace milena::bench
