#include "bench/requests.h"

#include <algorithm>
#include <cstring>
#include <random>

#include "base/crc32c.h"
#include "base/endian.h"
#include "base/varint.h"
#include "wire/batch_layout.h"

namespace milena::bench {
namespace {

constexpr int16_t produce_key = 0, produce_version = 7;
constexpr int16_t fetch_key = 1, fetch_version = 11;
constexpr int32_t ack_timeout_ms = 30'000;
constexpr int16_t offset_out_of_range = 1;
constexpr int16_t malformed = -1;
constexpr uint64_t value_seed = 42;
constexpr std::string_view client_id = "milena-bench";

class Out {
 public:
  template <class T>
  Out& put(T value) {
    std::byte raw[sizeof value];
    store(raw, value);
    bytes.insert(bytes.end(), raw, raw + sizeof raw);
    return *this;
  }
  Out& text(std::string_view value) { return put(static_cast<int16_t>(value.size())).raw(std::as_bytes(std::span(value))); }
  Out& raw(Bytes value) {
    bytes.insert(bytes.end(), value.begin(), value.end());
    return *this;
  }
  Out& varint(int32_t value) {
    std::byte at[varint_bytes_max];
    return raw({at, write_varint(at, value)});
  }
  // The length of what follows its own four bytes, written when the rest is known.
  void close_frame() { store(bytes.data(), static_cast<int32_t>(bytes.size() - 4)); }

  std::vector<std::byte> bytes;
};

Out frame(int16_t key, int16_t version) {
  Out out;
  out.put(int32_t{0}).put(key).put(version).put(int32_t{1}).text(client_id);
  return out;
}

// Reads what is there; a short answer sets `short_` and gives zeros from then on.
class In {
 public:
  explicit In(Bytes bytes) : at_(bytes) {}
  template <class T>
  T get() {
    const Bytes raw = take(sizeof(T));
    return raw.empty() ? T{} : load<T>(raw.data());
  }
  Bytes take(size_t count) {
    if (count > at_.size()) return short_ = true, at_ = {}, Bytes{};
    const Bytes taken = at_.first(count);
    at_ = at_.subspan(count);
    return taken;
  }
  void skip_text() { take(static_cast<size_t>(std::max<int16_t>(0, get<int16_t>()))); }
  bool is_short() const { return short_; }

 private:
  Bytes at_;
  bool short_ = false;
};

// Records in whole batches, and the offset behind the last of them (-1 when there is none).
int64_t walk_batches(Bytes batches, uint64_t& records) {
  namespace at = batch_layout;
  int64_t next = -1;
  while (batches.size() >= at::header_size) {
    const auto size = static_cast<size_t>(load<int32_t>(&batches[at::length])) + at::overhead;
    if (size < at::header_size || size > batches.size()) break;
    next = load<int64_t>(&batches[at::base_offset]) + load<int32_t>(&batches[at::last_offset_delta]) + 1;
    records += static_cast<uint64_t>(std::max(0, load<int32_t>(&batches[at::record_count])));
    batches = batches.subspan(size);
  }
  return next;
}

}  // namespace

Batch build_batch(int32_t record_bytes, int32_t batch_bytes, int64_t now_ms) {
  namespace at = batch_layout;
  std::mt19937_64 random(value_seed);
  std::vector<std::byte> value(static_cast<size_t>(record_bytes));
  Out records;
  int32_t count = 0;
  size_t record_size = 0;
  do {
    for (std::byte& b : value) b = static_cast<std::byte>('a' + random() % 26);
    Out record;
    record.put(int8_t{0}).varint(0).varint(count).varint(-1).varint(record_bytes).raw(value).varint(0);
    const size_t before = records.bytes.size();
    records.varint(static_cast<int32_t>(record.bytes.size())).raw(record.bytes);
    record_size = records.bytes.size() - before;
    count++;
  } while (at::header_size + records.bytes.size() + record_size <= static_cast<size_t>(batch_bytes));

  Out batch;
  batch.put(int64_t{0}).put(static_cast<int32_t>(at::header_size - at::overhead + records.bytes.size()));
  batch.put(int32_t{-1}).put(at::magic_v2).put(uint32_t{0});
  batch.put(int16_t{0}).put(count - 1).put(now_ms).put(now_ms).put(int64_t{-1}).put(int16_t{-1}).put(int32_t{-1}).put(count);
  batch.raw(records.bytes);
  store(&batch.bytes[at::crc], crc32c(Bytes(batch.bytes).subspan(at::attributes)));
  return {std::move(batch.bytes), count};
}

std::vector<std::byte> produce_frame(const Options& options, int32_t partition, const Batch& batch) {
  Out out = frame(produce_key, produce_version);
  out.put(int16_t{-1}).put(options.acks).put(ack_timeout_ms);
  out.put(int32_t{1}).text(options.topic).put(int32_t{1});
  out.put(partition).put(static_cast<int32_t>(batch.bytes.size())).raw(batch.bytes);
  out.close_frame();
  return std::move(out.bytes);
}

int16_t produce_error(Bytes answer) {
  In in(answer);
  in.get<int32_t>();  // correlation id
  if (in.get<int32_t>() != 1) return malformed;
  in.skip_text();
  in.get<int32_t>();  // one partition
  in.get<int32_t>();  // its index
  const auto error = in.get<int16_t>();
  return in.is_short() ? malformed : error;
}

std::vector<std::byte> fetch_frame(const Options& options, const std::map<int32_t, int64_t>& positions) {
  Out out = frame(fetch_key, fetch_version);
  const int64_t all_bytes = int64_t{options.fetch_bytes} * static_cast<int64_t>(positions.size());
  out.put(int32_t{-1}).put(options.fetch_wait_ms).put(int32_t{1});
  out.put(static_cast<int32_t>(std::min<int64_t>(all_bytes, INT32_MAX))).put(int8_t{0});
  out.put(int32_t{0}).put(int32_t{-1});  // no session
  out.put(int32_t{1}).text(options.topic).put(static_cast<int32_t>(positions.size()));
  for (const auto& [partition, offset] : positions) {
    out.put(partition).put(int32_t{-1}).put(offset).put(int64_t{-1}).put(options.fetch_bytes);
  }
  out.put(int32_t{0}).text("");
  out.close_frame();
  return std::move(out.bytes);
}

Fetched take_fetched(Bytes answer, std::map<int32_t, int64_t>& positions) {
  In in(answer);
  in.get<int32_t>();  // correlation id
  in.get<int32_t>();  // throttle
  Fetched fetched;
  fetched.error = in.get<int16_t>();
  in.get<int32_t>();  // session
  for (auto topics = in.get<int32_t>(); topics > 0 && !in.is_short(); topics--) {
    in.skip_text();
    for (auto partitions = in.get<int32_t>(); partitions > 0 && !in.is_short(); partitions--) {
      const auto partition = in.get<int32_t>();
      const auto error = in.get<int16_t>();
      in.take(3 * sizeof(int64_t));  // high watermark, last stable offset, log start
      in.take(2 * sizeof(int64_t) * static_cast<size_t>(std::max(0, in.get<int32_t>())));  // aborted transactions
      in.get<int32_t>();  // preferred replica
      const Bytes batches = in.take(static_cast<size_t>(std::max(0, in.get<int32_t>())));
      const int64_t next = walk_batches(batches, fetched.records);
      fetched.bytes += batches.size();
      if (next >= 0) positions[partition] = next;
      if (error == offset_out_of_range) positions[partition] = 0;
      else if (error != 0) fetched.error = error;
    }
  }
  if (in.is_short()) fetched.error = malformed;
  return fetched;
}

}  // namespace milena::bench
