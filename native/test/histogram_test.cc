// The load generator's histogram: every value lies within 1/64 of what its bucket reports, and merging adds.
#include "bench/histogram.h"
#include "test/check.h"

using milena::bench::Histogram;

namespace {

void values_keep_their_size() {
  for (int64_t us = 1; us < 1'000'000'000; us += 1 + us / 7) {
    Histogram one;
    one.add(us * 1000);
    const double shown = one.quantile_ms(0.5) * 1e3;
    CHECK(shown >= static_cast<double>(us));
    CHECK(shown <= static_cast<double>(us) * (1 + 1.0 / 64) + 1);
  }
}

void quantiles_are_ordered_and_merge() {
  Histogram low, high;
  for (int i = 1; i <= 990; i++) low.add(1'000'000);
  for (int i = 1; i <= 10; i++) high.add(100'000'000);
  low.merge(high);
  CHECK_EQ(low.total(), 1000u);
  CHECK(low.quantile_ms(0.5) < 1.05);
  CHECK(low.quantile_ms(0.985) < 1.05);
  CHECK(low.quantile_ms(0.995) >= 100);
  CHECK_EQ(low.max_ms(), 100.0);
}

}  // namespace

int main() {
  values_keep_their_size();
  quantiles_are_ordered_and_merge();
  return milena::test::check_result();
}
