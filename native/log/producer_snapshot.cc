#include "log/producer_snapshot.h"

#include "base/crc32c.h"
#include "base/endian.h"

namespace milena {
namespace {

constexpr int16_t snapshot_version = 1;
constexpr size_t crc_at = 2;
constexpr size_t entries_at = 6;  // where the CRC begins to count: the array's length
constexpr size_t header_bytes = 10;
constexpr size_t entry_bytes = 8 + 2 + 4 + 8 + 4 + 8 + 4 + 8;

template <class T>
std::byte* put(std::byte* to, T value) {
  store<T>(to, value);
  return to + sizeof(T);
}

template <class T>
T take(const std::byte*& from) {
  const T value = load<T>(from);
  from += sizeof(T);
  return value;
}

}  // namespace

std::vector<std::byte> format_producer_snapshot(const std::vector<std::pair<int64_t, ProducerEntry>>& entries) {
  std::vector<std::byte> bytes(header_bytes + entries.size() * entry_bytes);
  store<int16_t>(bytes.data(), snapshot_version);
  std::byte* at = put<int32_t>(bytes.data() + entries_at, static_cast<int32_t>(entries.size()));
  for (const auto& [producer_id, entry] : entries) {
    const ProducerBatch* last = entry.last();
    at = put<int64_t>(at, producer_id);
    at = put<int16_t>(at, entry.epoch);
    at = put<int32_t>(at, entry.last_sequence());
    at = put<int64_t>(at, last == nullptr ? -1 : last->last_offset);
    at = put<int32_t>(at, last == nullptr ? 0 : last->offset_delta);
    at = put<int64_t>(at, entry.last_timestamp_ms);
    at = put<int32_t>(at, entry.coordinator_epoch);
    at = put<int64_t>(at, entry.transaction_start);
  }
  store<uint32_t>(bytes.data() + crc_at, crc32c(Bytes(bytes).subspan(entries_at)));
  return bytes;
}

Result<std::vector<std::pair<int64_t, ProducerEntry>>> parse_producer_snapshot(Bytes bytes) {
  if (bytes.size() < header_bytes || load<int16_t>(bytes.data()) != snapshot_version) return Status{Errc::corrupt};
  if (load<uint32_t>(bytes.data() + crc_at) != crc32c(bytes.subspan(entries_at))) return Status{Errc::corrupt};
  const auto count = load<int32_t>(bytes.data() + entries_at);
  if (count < 0 || static_cast<size_t>(count) * entry_bytes != bytes.size() - header_bytes) return Status{Errc::corrupt};
  std::vector<std::pair<int64_t, ProducerEntry>> entries;
  entries.reserve(static_cast<size_t>(count));
  const std::byte* at = bytes.data() + header_bytes;
  for (int32_t i = 0; i < count; i++) {
    const auto producer_id = take<int64_t>(at);
    ProducerEntry entry;
    entry.epoch = take<int16_t>(at);
    ProducerBatch last;
    last.last_sequence = take<int32_t>(at);
    last.last_offset = take<int64_t>(at);
    last.offset_delta = take<int32_t>(at);
    last.timestamp_ms = take<int64_t>(at);
    if (last.last_offset >= 0) entry.add(last);
    entry.last_timestamp_ms = last.timestamp_ms;
    entry.coordinator_epoch = take<int32_t>(at);
    entry.transaction_start = take<int64_t>(at);
    entries.emplace_back(producer_id, entry);
  }
  return entries;
}

}  // namespace milena
