// The high watermark as a function of the ISR, compared with its definition over random positions.
#include "plane/high_watermark.h"

#include <algorithm>
#include <cstdio>
#include <random>
#include <vector>

#include "test/check.h"

using namespace milena;

namespace {

void alone() {
  const ReplicaPosition leader{true, Offset{100}, Offset{60}};
  CHECK_EQ(high_watermark_of({&leader, 1}, false).value, 60);
  CHECK_EQ(high_watermark_of({&leader, 1}, true).value, 100);
}

void with_followers() {
  const ReplicaPosition isr[] = {{true, Offset{100}, Offset{60}}, {false, Offset{80}, Offset{0}}, {false, Offset{90}, Offset{0}}};
  CHECK_EQ(high_watermark_of(isr, false).value, 60);
  CHECK_EQ(high_watermark_of(isr, true).value, 80);
}

void never_above_anybody() {
  std::mt19937_64 random(7);
  for (int round = 0; round < 10'000; round++) {
    std::vector<ReplicaPosition> isr;
    const size_t size = 1 + random() % 5;
    for (size_t i = 0; i < size; i++) {
      const auto flushed = static_cast<int64_t>(random() % 50);
      isr.push_back({i == 0, Offset{flushed + static_cast<int64_t>(random() % 50)}, Offset{flushed}});
    }
    std::shuffle(isr.begin(), isr.end(), random);
    const bool write_caching = random() % 2 == 0;
    const Offset reached = high_watermark_of(isr, write_caching);
    bool is_somebodys = false;
    for (const ReplicaPosition& replica : isr) {
      const Offset own = replica.is_leader && !write_caching ? replica.flushed_end : replica.log_end;
      CHECK(reached <= own);
      is_somebodys |= reached == own;
    }
    CHECK(is_somebodys);
  }
}

}  // namespace

int main() {
  alone();
  with_followers();
  never_above_anybody();
  return milena::test::check_result();
}
