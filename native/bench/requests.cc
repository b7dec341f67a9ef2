#include "bench/requests.h"

#include <algorithm>

#include "wire/writer.h"

namespace milena::bench {
namespace {

constexpr int32_t ack_timeout_ms = 30'000;
constexpr int64_t latest = -1;
constexpr std::string_view client_id = "milena-bench";
constexpr size_t length_bytes = 4;

// In a fetch: partition, leader epoch, offset, log start offset, bytes.
constexpr size_t fetch_partition_bytes = 28, fetch_offset_at = 8;

class Frame {
 public:
  Frame(int16_t key, int16_t version) {
    to.int32(0);
    to.int16(key);
    to.int16(version);
    to.int32(correlation_id);
    to.string(false, client_id);
  }
  // `outside` bytes follow that are not in here.
  std::vector<std::byte> close(size_t outside = 0) {
    to.patch_int32(0, static_cast<int32_t>(bytes_.size() - length_bytes + outside));
    return std::move(bytes_);
  }

 private:
  std::vector<std::byte> bytes_;

 public:
  WireWriter to{bytes_};
};

}  // namespace

std::vector<std::byte> produce_head(const std::string& topic, int32_t partition, int16_t acks, size_t batch_bytes) {
  Frame frame(0, 7);
  frame.to.int16(-1);  // no transaction
  frame.to.int16(acks);
  frame.to.int32(ack_timeout_ms);
  frame.to.int32(1);
  frame.to.string(false, topic);
  frame.to.int32(1);
  frame.to.int32(partition);
  frame.to.int32(static_cast<int32_t>(batch_bytes));
  return frame.close(batch_bytes);
}

std::vector<std::byte> fetch_frame(const std::string& topic, const std::vector<Position>& positions, const FetchLimits& limits) {
  Frame frame(1, 11);
  const int64_t all_bytes = int64_t{limits.partition_bytes} * static_cast<int64_t>(positions.size());
  frame.to.int32(-1);
  frame.to.int32(limits.wait_ms);
  frame.to.int32(1);  // any byte is enough
  frame.to.int32(static_cast<int32_t>(std::min<int64_t>(all_bytes, INT32_MAX)));
  frame.to.int8(0);
  frame.to.int32(0);  // no session
  frame.to.int32(-1);
  frame.to.int32(1);
  frame.to.string(false, topic);
  frame.to.int32(static_cast<int32_t>(positions.size()));
  for (const Position& position : positions) {
    frame.to.int32(position.partition);
    frame.to.int32(-1);
    frame.to.int64(position.offset);
    frame.to.int64(-1);
    frame.to.int32(limits.partition_bytes);
  }
  frame.to.int32(0);  // nothing forgotten
  frame.to.string(false, "");
  return frame.close();
}

void move_fetch(MutableBytes frame, const std::string& topic, const std::vector<Position>& positions) {
  constexpr size_t request_header = length_bytes + 8 + 2 + client_id.size();
  constexpr size_t before_topic = 4 * 4 + 1 + 3 * 4;
  size_t at = request_header + before_topic + 2 + topic.size() + 4;
  for (const Position& position : positions) {
    store(&frame[at + fetch_offset_at], position.offset);
    at += fetch_partition_bytes;
  }
}

std::vector<std::byte> end_offset_frame(const std::string& topic, int32_t partition) {
  Frame frame(2, 1);
  frame.to.int32(-1);
  frame.to.int32(1);
  frame.to.string(false, topic);
  frame.to.int32(1);
  frame.to.int32(partition);
  frame.to.int64(latest);
  return frame.close();
}

std::vector<std::byte> metadata_frame(const std::string& topic, int32_t count) {
  Frame frame(3, 4);
  frame.to.int32(count);
  for (int32_t i = 0; i < count; i++) frame.to.string(false, topic + "-" + std::to_string(i));
  frame.to.int8(0);  // create nothing
  return frame.close();
}

std::vector<std::byte> api_versions_frame() { return Frame(18, 0).close(); }

}  // namespace milena::bench
