#include "wire/marker.h"

#include "base/endian.h"

namespace milena {
namespace {

constexpr int16_t marker_abort = 0;
constexpr int16_t marker_commit = 1;
constexpr size_t key_bytes = 4;
constexpr size_t value_bytes = 6;

}  // namespace

std::optional<TransactionMarker> parse_transaction_marker(const BatchInfo& info, Bytes batch) {
  if (info.compressed() || batch.size() <= batch_layout::header_size) return std::nullopt;
  RecordCursor cursor(batch.subspan(batch_layout::header_size));
  RecordView record;
  if (!cursor.next(record) || record.key.size() < key_bytes || record.value.size() < value_bytes) return std::nullopt;
  const auto type = load<int16_t>(record.key.data() + 2);
  if (type != marker_abort && type != marker_commit) return std::nullopt;
  return TransactionMarker{type == marker_abort, load<int32_t>(record.value.data() + 2), info.base_timestamp + record.timestamp_delta};
}

}  // namespace milena
