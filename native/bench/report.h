// What the load generator prints: a line of JSON every second, and one with the whole at the end.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "bench/tally.h"

namespace milena::bench {

struct Sum {
  uint64_t bytes = 0, plain_bytes = 0, records = 0, requests = 0, errors = 0;
};
Sum sum_of(const std::vector<std::unique_ptr<Tally>>& tallies);

void print_second(const Sum& before, const Sum& now);

struct Idle {
  size_t connections = 0, disturbed = 0;
  double open_seconds = 0;
};
void print_whole(const std::vector<std::unique_ptr<Tally>>& tallies, double seconds, const Idle& idle);

}  // namespace milena::bench
