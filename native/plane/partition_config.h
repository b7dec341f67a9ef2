// A topic's configuration as the data plane acts on it. Shared and never changed: a new configuration is a new object.
#pragma once
#include <cstdint>
#include <memory>

#include "log/log_config.h"
#include "plane/abi.gen.h"
#include "wire/validate.h"

namespace milena {

struct PartitionConfig {
  std::shared_ptr<const LogConfig> log;  // what the log itself acts on
  ValidationRules rules;                 // produce_version and origin are the request's: copy and set them
  int32_t min_insync_replicas = 1;       // min.insync.replicas
  int64_t flush_messages = INT64_MAX;    // flush.messages
  int64_t flush_ms = INT64_MAX;          // flush.ms
  bool write_caching = false;            // write.caching: the high watermark follows the log end, not the flushed end
};

std::shared_ptr<const PartitionConfig> make_partition_config(const abi::LogConfig& from, int64_t producer_id_expiration_ms);

}  // namespace milena
