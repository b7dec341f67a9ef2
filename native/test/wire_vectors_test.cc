// Requests that TypeScript encoded at every version, seen through the native views; and answers of every version, compared with the golden
// file that test/unit/native/wire-vectors.test.ts decodes. MILENA_UPDATE_GOLDEN=1 rewrites the answers.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "test/check.h"
#include "test/wire_answers.h"
#include "test/wire_text.h"
#include "wire/fetch_request.h"
#include "wire/frame.h"
#include "wire/leader_epoch.h"
#include "wire/list_offsets.h"
#include "wire/produce_request.h"

using namespace milena;
using namespace milena::test;

namespace {

std::string text_of(const ProduceRequest& request) {
  WireText to;
  to.open('{');
  to.nullable_string(request.transactional_id, request.transactional_id_null);
  to.number(request.acks);
  to.number(request.timeout_ms);
  to.open('[');
  for (const ProduceTopic& topic : request.topics) {
    to.open('{');
    to.string(topic.name);
    to.uuid(topic.id);
    to.open('[');
    for (uint32_t p = topic.partitions_begin; p < topic.partitions_end; p++) {
      const ProducePartition& partition = request.partitions[p];
      to.open('{');
      to.number(partition.index);
      to.bytes(partition.records, partition.records_null);
      to.close('}');
    }
    to.close(']');
    to.close('}');
  }
  to.close(']');
  to.close('}');
  return to.text;
}

void put(WireText& to, const FetchPartition& partition) {
  to.open('{');
  to.number(partition.index);
  to.number(partition.current_leader_epoch);
  to.number(partition.fetch_offset);
  to.number(partition.last_fetched_epoch);
  to.number(partition.log_start_offset);
  to.number(partition.partition_max_bytes);
  to.uuid(partition.replica_directory_id);
  to.number(partition.high_watermark);
  to.close('}');
}

std::string text_of(const FetchRequest& request, int16_t version) {
  WireText to;
  to.open('{');
  to.nullable_string(request.cluster_id, request.cluster_id_null);
  to.number(version <= 14 ? request.replica_id : -1);
  to.open('{');
  to.number(version >= 15 ? request.replica_id : -1);
  to.number(request.replica_epoch);
  to.close('}');
  for (int64_t value : {request.max_wait_ms, request.min_bytes, request.max_bytes, int32_t{request.isolation_level}, request.session_id,
                        request.session_epoch}) {
    to.number(value);
  }
  to.open('[');
  for (const FetchTopic& topic : request.topics) {
    to.open('{');
    to.string(topic.name);
    to.uuid(topic.id);
    to.open('[');
    for (uint32_t p = topic.partitions_begin; p < topic.partitions_end; p++) put(to, request.partitions[p]);
    to.close(']');
    to.close('}');
  }
  to.close(']');
  to.open('[');
  for (const FetchTopic& topic : request.forgotten_topics) {
    to.open('{');
    to.string(topic.name);
    to.uuid(topic.id);
    to.open('[');
    for (uint32_t p = topic.partitions_begin; p < topic.partitions_end; p++) to.number(request.forgotten_partitions[p]);
    to.close(']');
    to.close('}');
  }
  to.close(']');
  to.string(request.rack_id);
  to.close('}');
  return to.text;
}

std::string text_of(const ListOffsetsRequest& request) {
  WireText to;
  to.open('{');
  to.number(request.replica_id);
  to.number(request.isolation_level);
  to.open('[');
  for (const ListOffsetsTopic& topic : request.topics) {
    to.open('{');
    to.string(topic.name);
    to.open('[');
    for (uint32_t p = topic.partitions_begin; p < topic.partitions_end; p++) {
      to.open('{');
      to.number(request.partitions[p].index);
      to.number(request.partitions[p].current_leader_epoch);
      to.number(request.partitions[p].timestamp);
      to.close('}');
    }
    to.close(']');
    to.close('}');
  }
  to.close(']');
  to.number(request.timeout_ms);
  to.close('}');
  return to.text;
}

std::string text_of(const LeaderEpochRequest& request) {
  WireText to;
  to.open('{');
  to.number(request.replica_id);
  to.open('[');
  for (const LeaderEpochTopic& topic : request.topics) {
    to.open('{');
    to.string(topic.name);
    to.open('[');
    for (uint32_t p = topic.partitions_begin; p < topic.partitions_end; p++) {
      to.open('{');
      to.number(request.partitions[p].index);
      to.number(request.partitions[p].current_leader_epoch);
      to.number(request.partitions[p].leader_epoch);
      to.close('}');
    }
    to.close(']');
    to.close('}');
  }
  to.close(']');
  to.close('}');
  return to.text;
}

// One set of requests for all lines, so that what one leaves behind would be seen in the next.
struct Views {
  ProduceRequest produce;
  FetchRequest fetch;
  ListOffsetsRequest list_offsets;
  LeaderEpochRequest leader_epoch;

  bool parse(int16_t key, int16_t version, MutableBytes body) {
    switch (key) {
      case api::produce: return produce.parse(body, version);
      case api::fetch: return fetch.parse(body, version);
      case api::list_offsets: return list_offsets.parse(body, version);
      case api::offset_for_leader_epoch: return leader_epoch.parse(body, version);
      default: return false;
    }
  }

  std::string text(int16_t key, int16_t version) const {
    switch (key) {
      case api::produce: return text_of(produce);
      case api::fetch: return text_of(fetch, version);
      case api::list_offsets: return text_of(list_offsets);
      default: return text_of(leader_epoch);
    }
  }
};

void requests() {
  std::ifstream in("test/golden/wire/requests.txt");
  Views views;
  std::string line;
  size_t count = 0;
  for (; std::getline(in, line); count++) {
    std::istringstream fields(line);
    int16_t key = -1, version = -1;
    std::string hex, wanted;
    fields >> key >> version >> hex >> wanted;
    std::vector<std::byte> frame = bytes_of_hex(hex);
    RequestHeader header;
    REQUIRE(parse_request_header(frame, header));
    CHECK_EQ(header.api_key, key);
    CHECK_EQ(header.api_version, version);
    CHECK_EQ(header.correlation_id, 0x01020304);
    CHECK(header.client_id_null || header.client_id.starts_with("client-"));
    const MutableBytes body = MutableBytes(frame).subspan(header.body_offset);
    CHECK(views.parse(key, version, body));
    CHECK_EQ(views.text(key, version), wanted);
    for (size_t size = 0; size < body.size(); size++) {
      if (!CHECK(!views.parse(key, version, body.first(size)))) break;  // every truncation is seen
    }
  }
  CHECK_EQ(count, size_t{40 * 3});
}

void answers() {
  const std::string written = all_answers();
  const char* path = "test/golden/wire/responses.txt";
  if (std::getenv("MILENA_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path) << written;
    return;
  }
  std::ifstream in(path);
  const std::string golden((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  CHECK(written == golden);
}

}  // namespace

int main() {
  requests();
  answers();
  return check_result();
}
