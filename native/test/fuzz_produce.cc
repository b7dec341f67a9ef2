// Any bytes as the body of a Produce request: the first byte chooses the version. Views must stay inside of the body.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "wire/produce_request.h"

using namespace milena;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void inside(const std::vector<std::byte>& body, const void* begin, size_t size) {
  const auto* at = static_cast<const std::byte*>(begin);
  if (size > 0) require(at >= body.data() && at + size <= body.data() + body.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  static ProduceRequest request;
  std::vector<std::byte> body(size - 1);
  for (size_t i = 0; i < body.size(); i++) body[i] = static_cast<std::byte>(data[1 + i]);
  if (!request.parse(body, static_cast<int16_t>(3 + data[0] % 11))) return 0;
  inside(body, request.transactional_id.data(), request.transactional_id.size());
  for (const ProduceTopic& topic : request.topics) {
    inside(body, topic.name.data(), topic.name.size());
    require(topic.partitions_begin <= topic.partitions_end && topic.partitions_end <= request.partitions.size());
  }
  for (const ProducePartition& partition : request.partitions) {
    require(partition.topic < request.topics.size());
    inside(body, partition.records.data(), partition.records.size());
  }
  return 1;
}
