// The batch header and the cursor over records.
#include "wire/batch.h"

#include "base/crc32c.h"
#include "test/batch_builder.h"
#include "test/check.h"
#include "wire/record_walk.h"

using namespace milena;
using namespace milena::test;

namespace {

void header_fields() {
  const Buffer batch = build_batch({.records = {{.timestamp_delta = 3}, {.timestamp_delta = 9}, {}},
                                    .codec = Compression::lz4,
                                    .attributes = batch_layout::transactional_bit | batch_layout::delete_horizon_bit,
                                    .base_offset = 77,
                                    .producer_id = 5,
                                    .producer_epoch = 6,
                                    .base_sequence = INT32_MAX - 1});
  const Result<BatchInfo> info = parse_batch_header(batch);
  REQUIRE(info);
  CHECK_EQ(info->base_offset, 77);
  CHECK_EQ(info->size_bytes, batch.size());
  CHECK_EQ(info->leader_epoch, -1);
  CHECK_EQ(info->crc, crc32c(Bytes(batch).subspan(21)));
  CHECK(info->compression() == Compression::lz4 && info->compressed());
  CHECK(info->transactional() && info->has_delete_horizon() && !info->control());
  CHECK(info->timestamp_type() == TimestampType::create_time);
  CHECK_EQ(info->last_offset(), 79);
  CHECK_EQ(info->next_offset(), 80);
  CHECK_EQ(info->base_timestamp, 1'000'000);
  CHECK_EQ(info->max_timestamp, 1'000'009);
  CHECK_EQ(info->count, 3);
  CHECK_EQ(info->last_sequence(), 0);  // wraps behind the largest int32
  CHECK(batch_crc_matches(batch));
}

void header_limits() {
  Buffer batch = build_batch({});
  CHECK(parse_batch_header(Bytes(batch).first(batch_layout::header_size)));
  CHECK(parse_batch_header(Bytes(batch).first(batch_layout::header_size - 1)).why().code == Errc::out_of_range);
  Buffer other_magic = batch;
  other_magic[batch_layout::magic] = std::byte{1};
  CHECK(parse_batch_header(other_magic).why().code == Errc::corrupt);
  for (int32_t length : {INT32_MIN, -1, 0, 48}) {
    store(batch.data() + batch_layout::length, length);
    CHECK(parse_batch_header(batch).why().code == Errc::corrupt);
  }
}

void stamping_leaves_the_crc() {
  Buffer batch = build_batch({});
  stamp_batch(batch, Offset{1'234'567'890'123}, LeaderEpoch{42});
  CHECK(batch_crc_matches(batch));
  const Result<BatchInfo> info = parse_batch_header(batch);
  REQUIRE(info);
  CHECK_EQ(info->base_offset, 1'234'567'890'123);
  CHECK_EQ(info->leader_epoch, 42);
  batch.back() ^= std::byte{1};
  CHECK(!batch_crc_matches(batch));
}

void cursor_sees_records() {
  const Buffer payload = encode_records({{.timestamp_delta = 5, .key = std::nullopt, .value = "one", .headers = {{"h", "x"}, {"g", std::nullopt}}},
                                         {.offset_delta = 4, .key = "", .value = std::nullopt}});
  RecordCursor at{Bytes(payload)};
  RecordView record;
  REQUIRE(at.next(record));
  CHECK(!record.has_key && record.has_value && record.value.size() == 3 && record.value[0] == std::byte{'o'});
  CHECK_EQ(record.timestamp_delta, 5);
  CHECK_EQ(record.header_count, 2);
  CHECK_EQ(record.headers.size(), 7u);
  REQUIRE(at.next(record));
  CHECK(record.has_key && record.key.empty() && !record.has_value);
  CHECK_EQ(record.offset_delta, 4);
  CHECK(!at.next(record) && !at.corrupt());
}

void cursor_stops_at_malformed_records() {
  const Buffer payload = encode_records({{.headers = {{"name", "value"}}}});
  for (size_t size = 1; size < payload.size(); size++) {
    RecordCursor at{Bytes(payload).first(size)};
    RecordView record;
    CHECK(!at.next(record) && at.corrupt());
  }
  RecordCursor at{Bytes()};
  RecordView record;
  CHECK(!at.next(record) && !at.corrupt());
}

struct Collect final : RecordVisitor {
  std::vector<RecordHead> seen;
  size_t stop_after = SIZE_MAX;
  bool visit(const RecordHead& record) override {
    seen.push_back(record);
    return seen.size() < stop_after;
  }
};

// Records larger than the window, and fields across its border.
void walking_every_codec() {
  std::mt19937_64 random(3);
  for (Compression codec : {Compression::none, Compression::gzip, Compression::snappy, Compression::lz4, Compression::zstd}) {
    BatchSpec spec{.records = {}, .codec = codec};
    for (int i = 0; i < 400; i++) {
      const size_t size = i % 100 == 50 ? 200'000 : random() % 700;
      spec.records.push_back({.timestamp_delta = i * 10, .key = i % 3 == 0 ? std::nullopt : std::optional("key"), .value = sample_text(random, size)});
    }
    const Buffer batch = build_batch(spec);
    CodecScratch scratch;
    Collect all;
    CHECK(walk_records(batch, *parse_batch_header(batch), scratch, all) == WalkEnd::complete);
    CHECK_EQ(all.seen.size(), spec.records.size());
    for (size_t i = 0; i < all.seen.size(); i++) {
      const RecordHead& record = all.seen[i];
      CHECK_EQ(record.index, static_cast<int32_t>(i));
      CHECK_EQ(record.timestamp, 1'000'000 + static_cast<int64_t>(i) * 10);
      CHECK_EQ(record.key_size, i % 3 == 0 ? -1 : 3);
      CHECK_EQ(record.value_size, static_cast<int32_t>(spec.records[i].value->size()));
    }
    Collect some;
    some.stop_after = 2;
    CHECK(walk_records(batch, *parse_batch_header(batch), scratch, some) == WalkEnd::stopped);
    CHECK_EQ(some.seen.size(), 2u);
  }
}

}  // namespace

int main() {
  header_fields();
  header_limits();
  stamping_leaves_the_crc();
  cursor_sees_records();
  cursor_stops_at_malformed_records();
  walking_every_codec();
  return check_result();
}
