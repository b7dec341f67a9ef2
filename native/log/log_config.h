// The topic configs the log itself acts on, with Kafka's names and defaults. Shared, never changed: a new config is a new object.
#pragma once
#include <cstdint>

namespace milena {

struct LogConfig {
  uint32_t segment_bytes = 1u << 30;                     // segment.bytes
  int64_t segment_ms = 7LL * 24 * 3'600'000;             // segment.ms
  int64_t segment_jitter_ms = 0;                         // segment.jitter.ms
  uint32_t segment_index_bytes = 10u << 20;              // segment.index.bytes
  uint32_t index_interval_bytes = 4096;                  // index.interval.bytes
  int64_t retention_ms = 7LL * 24 * 3'600'000;           // retention.ms; -1: never
  int64_t retention_bytes = -1;                          // retention.bytes; -1: never
  int64_t file_delete_delay_ms = 60'000;                 // file.delete.delay.ms
  int64_t max_compaction_lag_ms = INT64_MAX;             // max.compaction.lag.ms: rolls compacted logs
  bool delete_old = true;                                // cleanup.policy holds "delete"
  bool compact = false;                                  // cleanup.policy holds "compact"
  int64_t producer_id_expiration_ms = 24LL * 3'600'000;  // producer.id.expiration.ms (a broker config)
};

}  // namespace milena
