// Equal configurations share one object: most partitions of a broker have one of a few. Thread: its owner's.
#pragma once
#include <map>
#include <memory>
#include <vector>

#include "plane/partition_config.h"

namespace milena {

class ConfigPool {
 public:
  explicit ConfigPool(int64_t producer_id_expiration_ms) : producer_id_expiration_ms_(producer_id_expiration_ms) {}
  std::shared_ptr<const PartitionConfig> get(const abi::LogConfig& from);

 private:
  const int64_t producer_id_expiration_ms_;
  std::map<std::vector<std::byte>, std::weak_ptr<const PartitionConfig>> known_;  // by the bytes that crossed the strait
  size_t swept_at_ = 64;  // entries at which those out of use are thrown away
};

}  // namespace milena
