#include "bench/batches.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <random>

#include "base/varint.h"
#include "wire/batch.h"
#include "wire/codec.h"
#include "wire/writer.h"

namespace milena::bench {
namespace {

constexpr uint64_t value_seed = 42;
// With a data file: so many batches at most, and no more of the file than this.
constexpr size_t variants_max = 32;
constexpr size_t data_bytes_max = 32 << 20;

// Values one after the other: pieces of a file again and again, or random letters.
class Values {
 public:
  explicit Values(std::vector<std::byte> data) : data_(std::move(data)) {}

  void fill(MutableBytes value) {
    for (std::byte& b : value) b = data_.empty() ? static_cast<std::byte>('a' + random_() % 26) : data_[at_++ % data_.size()];
  }

 private:
  std::vector<std::byte> data_;
  size_t at_ = 0;
  std::mt19937_64 random_{value_seed};
};

void append(std::vector<std::byte>& to, Bytes bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

void append_varint(std::vector<std::byte>& to, int32_t value) {
  std::byte at[varint_bytes_max];
  append(to, {at, write_varint(at, value)});
}

void append_record(std::vector<std::byte>& to, int32_t offset_delta, Bytes value) {
  std::vector<std::byte> record{std::byte{0}};  // attributes
  append_varint(record, 0);                     // timestamp delta
  append_varint(record, offset_delta);
  append_varint(record, -1);  // no key
  append_varint(record, static_cast<int32_t>(value.size()));
  append(record, value);
  append_varint(record, 0);  // no headers
  append_varint(to, static_cast<int32_t>(record.size()));
  append(to, record);
}

Batch build_batch(const Options& options, Values& values, int64_t now_ms) {
  namespace at = batch_layout;
  std::vector<std::byte> value(static_cast<size_t>(options.record_bytes)), records;
  int32_t count = 0;
  for (bool full = false; !full;) {
    const size_t before = records.size();
    values.fill(value);
    append_record(records, count++, value);
    const size_t next_end = at::header_size + 2 * records.size() - before;
    full = options.batch_records > 0 ? count == options.batch_records : next_end > static_cast<size_t>(options.batch_bytes);
  }
  const size_t plain_bytes = at::header_size + records.size();
  if (options.compression != Compression::none) {
    CodecScratch scratch;
    std::vector<std::byte> packed;
    Compressor& compressor = scratch.compressor(options.compression);
    compressor.start(level_of(options.compression, {}), packed);
    compressor.write(records);
    compressor.finish();
    records.swap(packed);
  }
  std::vector<std::byte> batch;
  WireWriter to(batch);
  to.int64(0);
  to.int32(static_cast<int32_t>(at::header_size - at::overhead + records.size()));
  to.int32(-1);
  to.int8(at::magic_v2);
  to.int32(0);  // the CRC, below
  to.int16(static_cast<int16_t>(options.compression));
  to.int32(count - 1);
  to.int64(now_ms);
  to.int64(now_ms);
  to.int64(-1);
  to.int16(-1);
  to.int32(-1);
  to.int32(count);
  append(batch, records);
  restore_crc(batch);
  return {std::move(batch), count, plain_bytes};
}

bool read_data(const std::string& path, std::vector<std::byte>& out) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (!file) return false;
  std::byte piece[65536];
  for (size_t got; out.size() < data_bytes_max && (got = std::fread(piece, 1, sizeof piece, file.get())) > 0;) append(out, {piece, got});
  return !out.empty();
}

}  // namespace

std::vector<Batch> build_batches(const Options& options, int64_t now_ms, std::string& problem) {
  std::vector<std::byte> data;
  if (!options.data_file.empty() && !read_data(options.data_file, data)) {
    problem = options.data_file + ": cannot be read, or is empty";
    return {};
  }
  Values values(data);
  std::vector<Batch> batches;
  size_t used = 0;
  do {
    batches.push_back(build_batch(options, values, now_ms));
    used += batches.back().plain_bytes;
  } while (used < data.size() && batches.size() < variants_max);
  return batches;
}

MutableBytes only_value(std::vector<std::byte>& batch, int32_t record_bytes) {
  const auto size = static_cast<size_t>(record_bytes);
  return MutableBytes(batch).last(size + 1).first(size);  // behind it only the number of headers, 0
}

}  // namespace milena::bench
