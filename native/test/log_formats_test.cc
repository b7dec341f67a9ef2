// The small files of a log directory: what is written, what is accepted, what is refused; and the leader epoch cache.
#include "base/crc32c.h"
#include "batch_builder.h"
#include "check.h"
#include "log/epoch_cache.h"
#include "log/file_names.h"
#include "log/offset_checkpoint.h"
#include "log/producer_snapshot.h"

namespace milena::test {
namespace {

void names() {
  CHECK_EQ(file_names::of_segment(Offset{42}, file_names::log), "00000000000000000042.log");
  CHECK_EQ(file_names::offset_of("00000000000000000042.log", ".log")->value, 42);
  CHECK_EQ(file_names::offset_of("09223372036854775807.log", ".log")->value, INT64_MAX);
  for (const char* bad : {"0000000000000000042.log", "-0000000000000000042.log", "00000000000000000042.log.deleted", "99999999999999999999.log", "x.log", ""}) {
    CHECK(!file_names::offset_of(bad, ".log"));
  }
  CHECK_EQ(file_names::partition_of("a-b.c_d-12")->topic, "a-b.c_d");
  CHECK_EQ(file_names::partition_of("a-b.c_d-12")->partition, 12);
  for (const char* bad : {"a", "-1", "a-", "a-x", "a--1", "a b-1", "a-99999999999", "a-1 "}) CHECK(!file_names::partition_of(bad) || std::string(bad) == "a--1");
  CHECK_EQ(file_names::partition_of("a--1")->topic, "a-");
}

void checkpoints() {
  const OffsetMap offsets{{{"b", 1}, Offset{7}}, {{"a-x", 0}, Offset{0}}};
  const std::string text = format_offset_checkpoint(offsets);
  CHECK_EQ(text, "0\n2\na-x 0 0\nb 1 7\n");
  CHECK(*parse_offset_checkpoint(text) == offsets);
  CHECK(parse_offset_checkpoint("")->empty());
  CHECK(parse_offset_checkpoint("0\n0\n")->empty());
  for (const char* bad : {"1\n0\n", "0\n1\n", "0\n1\na 0\n", "0\n1\na 0 x\n", "0\n1\na 0 -1\n", "0\nx\na 0 1\n", "0\n1\na 0 1\nb 0 1\n", "zero"}) {
    CHECK_EQ(parse_offset_checkpoint(bad).why().code, Errc::corrupt);
  }
  const std::vector<EpochEntry> epochs{{LeaderEpoch{0}, Offset{0}}, {LeaderEpoch{3}, Offset{90}}};
  CHECK_EQ(format_epoch_checkpoint(epochs), "0\n2\n0 0\n3 90\n");
  CHECK(*parse_epoch_checkpoint("0\n2\n0 0\n3 90\n") == epochs);
  CHECK_EQ(parse_epoch_checkpoint("0\n2\n3 90\n0 0\n").why().code, Errc::corrupt);

  TopicId id;
  for (size_t i = 0; i < 16; i++) id.bytes[i] = static_cast<std::byte>(i * 16 + 15);
  const std::string metadata = format_partition_metadata(id);
  CHECK_EQ(metadata, "version: 0\ntopic_id: Dx8vP09fb3-Pn6-_z9_v_w");
  CHECK(*parse_partition_metadata(metadata) == id);
  CHECK(*parse_partition_metadata(metadata + "\n") == id);
  for (const char* bad : {"", "version: 1\ntopic_id: Dx8vP09fb3-Pn6-_z9_v_w", "version: 0\ntopic_id: short", "version: 0\ntopic_id: Dx8vP09fb3+Pn6-_z9_v_w"}) {
    CHECK_EQ(parse_partition_metadata(bad).why().code, Errc::corrupt);
  }
}

void snapshots() {
  ProducerEntry one;
  one.epoch = 3;
  one.add({9, 1, 100, 5000});
  one.coordinator_epoch = 2;
  one.transaction_start = 77;
  ProducerEntry fenced;
  fenced.epoch = 4;
  fenced.last_timestamp_ms = 6000;
  const std::vector<std::byte> bytes = format_producer_snapshot({{1000, one}, {1001, fenced}});
  CHECK_EQ(bytes.size(), 10u + 2 * 46);
  CHECK_EQ(load<int16_t>(bytes.data()), 1);
  CHECK_EQ(load<uint32_t>(bytes.data() + 2), crc32c(Bytes(bytes).subspan(6)));
  CHECK_EQ(load<int64_t>(bytes.data() + 10), 1000);
  const auto back = parse_producer_snapshot(bytes);
  REQUIRE(back && back->size() == 2);
  const ProducerEntry& read = (*back)[0].second;
  CHECK_EQ(read.epoch, 3);
  CHECK_EQ(read.last_sequence(), 9);
  CHECK_EQ(read.last()->first_offset().value, 99);
  CHECK_EQ(read.transaction_start, 77);
  CHECK_EQ((*back)[1].second.batch_count, 0);
  CHECK_EQ((*back)[1].second.last_timestamp_ms, 6000);
  // Every byte counts.
  for (size_t i = 0; i < bytes.size(); i++) {
    std::vector<std::byte> bad = bytes;
    bad[i] ^= std::byte{1};
    CHECK(!parse_producer_snapshot(bad));
    CHECK(!parse_producer_snapshot(Bytes(bytes).first(i)));
  }
}

void epochs() {
  EpochCache cache;
  CHECK_EQ(cache.latest().value, -1);
  CHECK_EQ(cache.end_offset_for(LeaderEpoch{0}, Offset{9}).end_offset.value, -1);
  CHECK(cache.assign(LeaderEpoch{2}, Offset{10}));
  CHECK(!cache.assign(LeaderEpoch{2}, Offset{15}));
  CHECK(cache.assign(LeaderEpoch{4}, Offset{20}));
  CHECK(cache.assign(LeaderEpoch{7}, Offset{30}));
  const auto end = [&](int32_t epoch) {
    const EpochEnd found = cache.end_offset_for(LeaderEpoch{epoch}, Offset{55});
    return std::to_string(found.leader_epoch.value) + "@" + std::to_string(found.end_offset.value);
  };
  CHECK_EQ(end(-1), "-1@-1");
  CHECK_EQ(end(7), "7@55");
  CHECK_EQ(end(8), "-1@-1");
  CHECK_EQ(end(5), "4@30");
  CHECK_EQ(end(4), "4@30");
  CHECK_EQ(end(2), "2@20");
  CHECK_EQ(end(1), "1@10");
  CHECK_EQ(cache.earliest_at(Offset{9}).value, -1);
  CHECK_EQ(cache.earliest_at(Offset{10}).value, 2);
  CHECK(cache.file_lacks(Offset{31}));
  CHECK(cache.take_dirty());
  CHECK(!cache.file_lacks(Offset{31}));
  CHECK(!cache.take_dirty());
  cache.truncate_from_start(Offset{25});
  CHECK(cache.entries() == (std::vector<EpochEntry>{{LeaderEpoch{4}, Offset{25}}, {LeaderEpoch{7}, Offset{30}}}));
  cache.truncate_from_end(Offset{30});
  CHECK_EQ(cache.latest().value, 4);
  CHECK(cache.file_lacks(Offset{30}));
  CHECK(cache.take_dirty());
  // An epoch without a record is overwritten by the next; one that contradicts later ones removes them.
  CHECK(cache.assign(LeaderEpoch{5}, Offset{40}));
  CHECK(cache.assign(LeaderEpoch{6}, Offset{40}));
  CHECK(!cache.file_lacks(Offset{40}));  // an epoch without a record may be forgotten
  CHECK(cache.file_lacks(Offset{41}));
  CHECK_EQ(cache.entries().size(), 2u);
  CHECK(cache.assign(LeaderEpoch{3}, Offset{35}));
  CHECK(cache.entries() == (std::vector<EpochEntry>{{LeaderEpoch{3}, Offset{35}}}));
}

}  // namespace
}  // namespace milena::test

int main() {
  milena::test::names();
  milena::test::checkpoints();
  milena::test::snapshots();
  milena::test::epochs();
  return milena::test::check_result();
}
