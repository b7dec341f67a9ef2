// What appending leaves in the files, entry by entry, and what it answers.
#include <filesystem>

#include "os/posix_file.h"
#include "test/log_support.h"
#include "test/scratch_folder.h"

namespace milena::test {
namespace {

void offsets_and_bytes() {
  TestLog test;
  REQUIRE(test.open());
  Sent first(spec_of(3, 10));
  Sent second(spec_of(2, 50));
  AppendEntry* entries[] = {&first.entry, &second.entry};
  const uint64_t writes = test.disk.faults().count(FileCall::write);
  CHECK(test.log->append(entries, LeaderEpoch{5}, test_now_ms));
  CHECK_EQ(test.disk.faults().count(FileCall::write) - writes, 1u);
  CHECK_EQ(first.entry.base_offset.value, 0);
  CHECK_EQ(second.entry.base_offset.value, 3);
  CHECK_EQ(first.entry.log_append_time_ms, -1);
  const LogEnds ends = test.log->ends();
  CHECK_EQ(ends.log_end.offset.value, 5);
  CHECK_EQ(ends.flushed_end.offset.value, 0);
  CHECK_EQ(ends.log_end.position, first.bytes.size() + second.bytes.size());

  Buffer expected = first.bytes;
  expected.insert(expected.end(), second.bytes.begin(), second.bytes.end());
  CHECK(read_all(test.disk, test.path(0, ".log")) == expected);
  const auto header = parse_batch_header(Bytes(expected).subspan(first.bytes.size()));
  CHECK_EQ(header->base_offset, 3);
  CHECK_EQ(header->leader_epoch, 5);
  CHECK(batch_crc_matches(second.bytes));

  CHECK(test.log->sync());
  CHECK_EQ(test.log->ends().flushed_end.offset.value, 5);
  CHECK(!test.log->needs_sync());
  const auto epochs = read_all(test.disk, "/data/events-by-day-7/leader-epoch-checkpoint");
  CHECK_EQ(std::string(reinterpret_cast<const char*>(epochs.data()), epochs.size()), "0\n1\n5 0\n");
}

// Entries as Kafka writes them: for the batch that begins after more than the interval, with the greatest timestamp so far.
void index_entries() {
  TestLog test;
  test.config->index_interval_bytes = 100;
  REQUIRE(test.open());
  const int64_t times[] = {50, 20, 70, 70, 60, 90};
  std::vector<size_t> sizes;
  for (const int64_t time : times) {
    Sent sent(spec_of(2, 10, time));
    AppendEntry* entry = &sent.entry;
    REQUIRE(test.log->append(std::span(&entry, 1), LeaderEpoch{0}, test_now_ms));
    sizes.push_back(sent.bytes.size());
  }
  REQUIRE(test.log->sync());
  const size_t size = sizes[0];  // all alike: below 100, two of them above
  CHECK(size < 100 && 2 * size > 100);
  const auto offsets = read_all(test.disk, test.path(0, ".index"));
  REQUIRE(offsets.size() == 16);
  CHECK_EQ(load<int32_t>(offsets.data()), 5);  // third batch, offsets 4 and 5
  CHECK_EQ(load<int32_t>(offsets.data() + 4), static_cast<int32_t>(2 * size));
  CHECK_EQ(load<int32_t>(offsets.data() + 8), 9);
  CHECK_EQ(load<int32_t>(offsets.data() + 12), static_cast<int32_t>(4 * size));
  const auto stamps = read_all(test.disk, test.path(0, ".timeindex"));
  REQUIRE(stamps.size() == 12);  // the second occasion has no greater timestamp
  CHECK_EQ(load<int64_t>(stamps.data()), 70);
  CHECK_EQ(load<int32_t>(stamps.data() + 8), 5);

  REQUIRE(test.log->close());
  const auto closed = read_all(test.disk, test.path(0, ".timeindex"));
  REQUIRE(closed.size() == 24);
  CHECK_EQ(load<int64_t>(closed.data() + 12), 90);
  CHECK_EQ(load<int32_t>(closed.data() + 20), 11);
}

void rolls() {
  TestLog by_size;
  by_size.config->segment_bytes = 250;
  REQUIRE(by_size.open());
  std::vector<std::unique_ptr<Sent>> sent;
  std::vector<AppendEntry*> entries;
  for (int i = 0; i < 9; i++) {
    sent.push_back(std::make_unique<Sent>(spec_of(1, 30)));
    entries.push_back(&sent.back()->entry);
  }
  const size_t size = sent[0]->bytes.size();
  CHECK(3 * size > 250 && 2 * size <= 250);
  const uint64_t writes = by_size.disk.faults().count(FileCall::write);
  CHECK(by_size.log->append(entries, LeaderEpoch{0}, test_now_ms));
  CHECK_EQ(by_size.log->segment_count(), 5u);
  CHECK_EQ(by_size.disk.faults().count(FileCall::write) - writes, 5u);  // one for each segment
  CHECK_EQ(by_size.log->ends().log_end.segment_base.value, 8);
  CHECK(by_size.log->sync(SyncScope::completed_segments));
  CHECK_EQ(by_size.log->ends().flushed_end.offset.value, 8);
  const uint64_t syncs = by_size.disk.faults().count(FileCall::sync);
  CHECK(by_size.log->sync(SyncScope::completed_segments));
  CHECK_EQ(by_size.disk.faults().count(FileCall::sync), syncs);  // nothing of the active one
  CHECK(by_size.log->sync());
  CHECK_EQ(by_size.log->ends().flushed_end.offset.value, 9);
  CHECK_EQ(by_size.disk.faults().count(FileCall::sync), syncs + 1);  // and of it alone
  CHECK_EQ(read_all(by_size.disk, by_size.path(2, ".log")).size(), 2 * size);
  CHECK(by_size.disk.exists(by_size.path(2, ".index")));
  CHECK(by_size.disk.exists(by_size.path(2, ".snapshot")));
  CHECK(!by_size.disk.exists(by_size.path(0, ".snapshot")));

  TestLog by_time;
  by_time.config->segment_ms = 1000;
  REQUIRE(by_time.open());
  by_time.append(spec_of(1, 10, 5000));
  by_time.append(spec_of(1, 10, 6000));
  CHECK_EQ(by_time.log->segment_count(), 1u);
  by_time.append(spec_of(1, 10, 6001));  // 1001 ms after the segment's first batch
  CHECK_EQ(by_time.log->segment_count(), 2u);
  by_time.append(spec_of(1, 10, 100));  // earlier never rolls
  CHECK_EQ(by_time.log->segment_count(), 2u);

  TestLog by_index;
  by_index.config->index_interval_bytes = 0;
  by_index.config->segment_index_bytes = 24;  // three offset entries, or one time entry and the one kept for the roll
  by_index.config->segment_bytes = 1 << 20;
  REQUIRE(by_index.open());
  for (int i = 0; i < 3; i++) by_index.append(spec_of(1, 10, 1000 + i));
  CHECK_EQ(by_index.log->segment_count(), 2u);

  TestLog by_offset;
  REQUIRE(by_offset.open());
  BatchSpec wide = spec_of(1, 10);
  wide.last_offset_delta = INT32_MAX - 1;
  CHECK_EQ(by_offset.append(wide).base_offset.value, 0);
  CHECK_EQ(by_offset.append(spec_of(1, 10)).base_offset.value, INT32_MAX);
  CHECK_EQ(by_offset.log->segment_count(), 1u);
  by_offset.append(spec_of(1, 10));
  CHECK_EQ(by_offset.log->segment_count(), 2u);

  TestLog too_large;
  too_large.config->segment_bytes = 100;
  REQUIRE(too_large.open());
  CHECK_EQ(too_large.append(spec_of(1, 100)).error, KafkaError::record_list_too_large);
}

void producers() {
  TestLog test;
  REQUIRE(test.open());
  CHECK_EQ(test.append(produced_by(9, 0, 10)).base_offset.value, 0);  // the first sequence is any
  CHECK_EQ(test.append(produced_by(9, 0, 12)).error, KafkaError::out_of_order_sequence_number);
  CHECK_EQ(test.append(produced_by(9, 0, 11)).base_offset.value, 1);
  const AppendEntry again = test.append(produced_by(9, 0, 10));
  CHECK(again.duplicate);
  CHECK_EQ(again.error, KafkaError::none);
  CHECK_EQ(again.base_offset.value, 0);
  CHECK_EQ(again.log_append_time_ms, test_now_ms);
  CHECK_EQ(test.append(produced_by(9, 1, 5)).error, KafkaError::out_of_order_sequence_number);
  CHECK_EQ(test.append(produced_by(9, 1, 0)).base_offset.value, 2);
  CHECK_EQ(test.append(produced_by(9, 0, 12)).error, KafkaError::invalid_producer_epoch);
  CHECK_EQ(test.log->ends().log_end.offset.value, 3);

  // Several of one producer in one gather, a duplicate of the gather's own first among them.
  Sent a(produced_by(4, 0, INT32_MAX - 1, 2));
  Sent b(produced_by(4, 0, 0, 2));
  Sent c(produced_by(4, 0, INT32_MAX - 1, 2));
  Sent d(produced_by(4, 0, 3));
  AppendEntry* entries[] = {&a.entry, &b.entry, &c.entry, &d.entry};
  CHECK(test.log->append(entries, LeaderEpoch{0}, test_now_ms));
  CHECK_EQ(a.entry.base_offset.value, 3);
  CHECK_EQ(b.entry.base_offset.value, 5);
  CHECK(c.entry.duplicate);
  CHECK_EQ(c.entry.base_offset.value, 3);
  CHECK_EQ(d.entry.error, KafkaError::out_of_order_sequence_number);

  // Six batches on, the first is no longer remembered.
  for (int32_t i = 2; i < 7; i++) CHECK_EQ(test.append(produced_by(4, 0, i)).error, KafkaError::none);
  CHECK_EQ(test.append(produced_by(4, 0, 0, 2)).error, KafkaError::out_of_order_sequence_number);
  CHECK(test.append(produced_by(4, 0, 2)).duplicate);
  const Offset end = test.log->ends().log_end.offset;

  const auto producers_before = test.log->producers().size();
  REQUIRE(test.stop_cleanly());
  REQUIRE(test.open());
  CHECK_EQ(test.log->producers().size(), producers_before);
  CHECK_EQ(test.log->ends().log_end.offset.value, end.value);
  CHECK(test.append(produced_by(4, 0, 6)).duplicate);  // only the last batch is in a snapshot
  CHECK_EQ(test.append(produced_by(4, 0, 7)).base_offset.value, end.value);
  REQUIRE(test.log->sync());
  test.kill();
  REQUIRE(test.open());
  CHECK(test.append(produced_by(4, 0, 6)).duplicate);
  CHECK(test.append(produced_by(4, 0, 7)).duplicate);
  test.log->expire_producers(test_now_ms + test.config->producer_id_expiration_ms);
  CHECK(test.log->producers().empty());
  CHECK_EQ(test.append(produced_by(4, 0, 99)).error, KafkaError::none);
}

void failed_writes() {
  TestLog test;
  REQUIRE(test.open());
  test.append(produced_by(1, 0, 0));
  const auto before = read_all(test.disk, test.path(0, ".log"));
  Sent good(produced_by(1, 0, 1));
  Sent other(produced_by(2, 0, 0));
  AppendEntry* entries[] = {&good.entry, &other.entry};
  test.disk.faults().fail_call(FileCall::write, 1, ENOSPC, false, 100);
  const Status failed = test.log->append(entries, LeaderEpoch{0}, test_now_ms);
  CHECK(!failed);
  CHECK_EQ(failed.cause, ENOSPC);
  CHECK_EQ(good.entry.error, KafkaError::kafka_storage_error);
  CHECK_EQ(other.entry.error, KafkaError::kafka_storage_error);
  CHECK(!test.log->failed());
  CHECK(read_all(test.disk, test.path(0, ".log")) == before);
  CHECK_EQ(test.log->ends().log_end.offset.value, 1);
  CHECK_EQ(test.log->producers().size(), 1u);
  CHECK_EQ(test.append(produced_by(1, 0, 1)).base_offset.value, 1);  // the sequence was given back

  test.disk.faults().fail_call(FileCall::write, 1, EIO, false, 10);
  test.disk.faults().fail_call(FileCall::truncate, 1, EIO);
  CHECK_EQ(test.append(produced_by(1, 0, 2)).error, KafkaError::kafka_storage_error);
  CHECK(test.log->failed());
  CHECK_EQ(test.append(produced_by(1, 0, 2)).error, KafkaError::kafka_storage_error);
  CHECK(!test.log->sync());
}

void failed_sync_closes() {
  TestLog test;
  REQUIRE(test.open());
  test.append(spec_of(1, 10));
  test.disk.faults().fail_call(FileCall::sync, 1, EIO);
  CHECK(!test.log->sync());
  CHECK(test.log->failed());
  CHECK_EQ(test.log->ends().flushed_end.offset.value, 0);
  CHECK_EQ(test.log->sync().code, Errc::closed);
  CHECK_EQ(test.append(spec_of(1, 10)).error, KafkaError::kafka_storage_error);
}

size_t open_descriptors() {
  size_t count = 0;
  for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) count++;
  return count;
}

std::vector<std::unique_ptr<PartitionLog>> open_twenty(LogDirectory& directory) {
  std::vector<std::unique_ptr<PartitionLog>> logs;
  for (int32_t partition = 0; partition < 20; partition++) {
    PartitionLogOptions options;
    options.partition = {"idle", partition};
    options.config = small_config();
    options.now_ms = test_now_ms;
    auto log = PartitionLog::open(directory, options);
    REQUIRE(log);
    logs.push_back(std::move(*log));
  }
  return logs;
}

// What a hundred thousand partitions that were only created cost: no descriptor while they lie there, no sync when the broker stops.
void made_and_never_written() {
  const ScratchFolder folder("append");
  PosixFileSystem files;
  auto directory = LogDirectory::open(files, folder.path(), {});
  REQUIRE(directory);
  const size_t open_before = open_descriptors();
  std::vector<std::unique_ptr<PartitionLog>> logs = open_twenty(**directory);
  for (const auto& log : logs) CHECK(log->begin_epoch(LeaderEpoch{0}));
  CHECK_EQ(open_descriptors(), open_before);

  Sent sent(spec_of(1, 10));
  AppendEntry* entry = &sent.entry;
  CHECK(logs[0]->append(std::span(&entry, 1), LeaderEpoch{0}, test_now_ms));
  CHECK_EQ(open_descriptors(), open_before + 1);
  CHECK(logs[0]->sync());
  const uint64_t syncs = files.faults().count(FileCall::sync);
  for (size_t i = 1; i < logs.size(); i++) CHECK(logs[i]->close());
  CHECK_EQ(files.faults().count(FileCall::sync), syncs);
  CHECK(logs[0]->close());
  CHECK(files.faults().count(FileCall::sync) > syncs);  // its time index has an entry now
  logs.clear();
  (*directory)->descriptors().clear();  // the written one's is kept for whoever reads next
  CHECK_EQ(open_descriptors(), open_before);
  logs = open_twenty(**directory);
  CHECK_EQ(open_descriptors(), open_before);
  CHECK_EQ(logs[0]->ends().log_end.offset.value, 1);
  logs.clear();
  directory = Status{Errc::closed};
}

}  // namespace
}  // namespace milena::test

int main() {
  milena::test::offsets_and_bytes();
  milena::test::index_entries();
  milena::test::rolls();
  milena::test::producers();
  milena::test::failed_writes();
  milena::test::failed_sync_closes();
  milena::test::made_and_never_written();
  return milena::test::check_result();
}
