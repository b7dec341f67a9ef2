// The high watermark as a pure function of the positions of the in-sync replicas.
#pragma once
#include <span>

#include "base/types.h"

namespace milena {

// One member of the (maximal) ISR.
struct ReplicaPosition {
  bool is_leader = false;
  Offset log_end{0};
  Offset flushed_end{0};  // the leader's; followers fetch only from their flushed end, so their log_end is flushed already
};

// The minimum over the ISR. The leader counts with its flushed end, or with its log end when `write_caching`.
// `isr` always holds the leader. What was reached once is never taken back: the caller keeps the maximum.
Offset high_watermark_of(std::span<const ReplicaPosition> isr, bool write_caching);

}  // namespace milena
