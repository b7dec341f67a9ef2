#include "plane/config_pool.h"

#include <algorithm>

namespace milena {

std::shared_ptr<const PartitionConfig> ConfigPool::get(const abi::LogConfig& from) {
  std::vector<std::byte> key;
  abi::AbiWriter writer(key);
  write(writer, from);
  std::weak_ptr<const PartitionConfig>& known = known_[std::move(key)];
  if (auto shared = known.lock()) return shared;
  auto made = make_partition_config(from, producer_id_expiration_ms_);
  known = made;
  if (known_.size() > swept_at_) {
    std::erase_if(known_, [](const auto& entry) { return entry.second.expired(); });
    swept_at_ = std::max<size_t>(64, known_.size() * 2);
  }
  return made;
}

}  // namespace milena
