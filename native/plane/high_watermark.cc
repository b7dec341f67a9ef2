#include "plane/high_watermark.h"

#include <algorithm>
#include <cassert>

namespace milena {

Offset high_watermark_of(std::span<const ReplicaPosition> isr, bool write_caching) {
  assert(!isr.empty());
  Offset least{INT64_MAX};
  for (const ReplicaPosition& replica : isr) {
    const bool counts_flushed = replica.is_leader && !write_caching;
    least = std::min(least, counts_flushed ? replica.flushed_end : replica.log_end);
  }
  return least;
}

}  // namespace milena
