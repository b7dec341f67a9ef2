// Any bytes as the body of a Fetch, ListOffsets or OffsetForLeaderEpoch request: the first byte chooses which, the second the version.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "wire/fetch_request.h"
#include "wire/frame.h"
#include "wire/leader_epoch.h"
#include "wire/list_offsets.h"

using namespace milena;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

template <class Topics, class Partitions>
void ranges_are_sound(const Topics& topics, const Partitions& partitions, const std::vector<std::byte>& body) {
  for (const auto& topic : topics) {
    const auto* name = reinterpret_cast<const std::byte*>(topic.name.data());
    if (!topic.name.empty()) require(name >= body.data() && name + topic.name.size() <= body.data() + body.size());
    require(topic.partitions_begin <= topic.partitions_end && topic.partitions_end <= partitions.size());
  }
}

int16_t version_of(int16_t api_key, uint8_t choice) {
  const ApiVersionRange& range = *hot_api(api_key);
  return static_cast<int16_t>(range.first + choice % (range.last - range.first + 1));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  static FetchRequest fetch;
  static ListOffsetsRequest list_offsets;
  static LeaderEpochRequest leader_epoch;
  std::vector<std::byte> body(size - 2);
  for (size_t i = 0; i < body.size(); i++) body[i] = static_cast<std::byte>(data[2 + i]);
  switch (data[0] % 4) {
    case 0:
      if (!list_offsets.parse(body, version_of(api::list_offsets, data[1]))) return 0;
      ranges_are_sound(list_offsets.topics, list_offsets.partitions, body);
      return 1;
    case 1:
      if (!leader_epoch.parse(body, version_of(api::offset_for_leader_epoch, data[1]))) return 0;
      ranges_are_sound(leader_epoch.topics, leader_epoch.partitions, body);
      return 1;
    default:
      if (!fetch.parse(body, version_of(api::fetch, data[1]))) return 0;
      ranges_are_sound(fetch.topics, fetch.partitions, body);
      ranges_are_sound(fetch.forgotten_topics, fetch.forgotten_partitions, body);
      return 1;
  }
}
