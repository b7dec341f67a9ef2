// Who does what: partitions dealt to connections, and what each connection says.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "bench/latency.h"
#include "bench/loop.h"
#include "bench/options.h"
#include "bench/tally.h"

namespace milena::bench {

struct Share {
  Target target;
  std::vector<int32_t> partitions;  // of one leader, served by one connection
};
std::vector<Share> deal(const Options& options);

// Everything a load needs, connected. The connections of thread `i` count into tally `i`.
struct Plan {
  std::vector<std::vector<Connected>> threads;
  std::vector<std::unique_ptr<Tally>> tallies;
  Stamped stamped;
};

// Empty on success, else what failed, in words.
std::string prepare(const Options& options, const Clock& clock, Plan& plan);

}  // namespace milena::bench
