// Deliberate faults, one at a time, by which the power-cut test proves that its oracle sees them. Compiled in only for that test
// (MILENA_MUTATIONS); everywhere else mutated() is false at compile time.
#pragma once
#include <atomic>
#include <cstdint>

namespace milena {

enum class Mutation : uint8_t {
  none,
  no_crc_check,         // recovery believes a batch whose header is well formed
  no_truncation,        // recovery leaves the bytes behind the last good batch
  answer_before_sync,   // sync() publishes its end without having called fdatasync
  watermark_past_sync,  // sync() publishes everything written by the time it ends
  no_duplicate_check,   // sequences are not looked at
  index_trusted,        // recovery takes the last index entry for the end of the log's good part
};

#ifdef MILENA_MUTATIONS
inline std::atomic<Mutation> active_mutation{Mutation::none};
inline bool mutated(Mutation mutation) { return active_mutation.load(std::memory_order_relaxed) == mutation; }
#else
constexpr bool mutated(Mutation) { return false; }
#endif

}  // namespace milena
