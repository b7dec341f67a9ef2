#include "bench/report.h"

#include <sys/resource.h>

#include <cstdio>

namespace milena::bench {
namespace {

using Number = unsigned long long;

// Where a curve of latencies is drawn through.
constexpr double curve_quantiles[] = {0,    .1,   .2,    .3,    .4,     .5,     .6,      .7,      .75,     .8,      .85,      .9,      .925,
                                      .95,  .975, .99,   .9925, .995,   .9975,  .999,    .9995,   .9999,   .99995,  .99999};

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void print_latencies(const Histogram& h) {
  std::printf(",\"latencyMs\":{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f}", h.quantile_ms(.5), h.quantile_ms(.9),
              h.quantile_ms(.99), h.quantile_ms(.999), h.max_ms());
  std::printf(",\"curve\":[");
  for (const double quantile : curve_quantiles) std::printf("[%g,%.3f],", quantile, h.quantile_ms(quantile));
  std::printf("[1,%.3f]]", h.max_ms());
}

}  // namespace

Sum sum_of(const std::vector<std::unique_ptr<Tally>>& tallies) {
  Sum sum;
  for (const auto& tally : tallies) {
    sum.bytes += tally->bytes.get();
    sum.plain_bytes += tally->plain_bytes.get();
    sum.records += tally->records.get();
    sum.requests += tally->requests.get();
    sum.errors += tally->errors.get();
  }
  return sum;
}

void print_second(const Sum& before, const Sum& now) {
  std::printf("{\"second\":{\"bytes\":%llu,\"records\":%llu,\"requests\":%llu}}\n", static_cast<Number>(now.bytes - before.bytes),
              static_cast<Number>(now.records - before.records), static_cast<Number>(now.requests - before.requests));
  std::fflush(stdout);
}

void print_whole(const std::vector<std::unique_ptr<Tally>>& tallies, double seconds, const Idle& idle) {
  const Sum sum = sum_of(tallies);
  Histogram all;
  int32_t last_error = 0;
  for (const auto& tally : tallies) {
    all.merge(tally->latencies);
    if (tally->last_error != 0) last_error = tally->last_error;
  }
  const auto per_second = [&](uint64_t count) { return static_cast<double>(count) / seconds; };
  std::printf("{\"bytes\":%llu,\"plainBytes\":%llu,\"records\":%llu,\"requests\":%llu,\"errors\":%llu,\"lastError\":%d,\"seconds\":%.3f",
              static_cast<Number>(sum.bytes), static_cast<Number>(sum.plain_bytes), static_cast<Number>(sum.records),
              static_cast<Number>(sum.requests), static_cast<Number>(sum.errors), last_error, seconds);
  std::printf(",\"bytesPerSecond\":%.0f,\"plainBytesPerSecond\":%.0f,\"recordsPerSecond\":%.0f,\"requestsPerSecond\":%.0f,\"clientCpuSeconds\":%.3f",
              per_second(sum.bytes), per_second(sum.plain_bytes), per_second(sum.records), per_second(sum.requests), cpu_seconds());
  print_latencies(all);
  if (idle.connections > 0) {
    std::printf(",\"idle\":{\"connections\":%llu,\"openSeconds\":%.3f,\"disturbed\":%llu}", static_cast<Number>(idle.connections),
                idle.open_seconds, static_cast<Number>(idle.disturbed));
  }
  std::printf("}\n");
}

}  // namespace milena::bench
