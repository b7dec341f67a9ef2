// What opening makes of directories that were not left in order: tails, rot, missing and damaged companions.
#include "log/file_names.h"
#include "test/log_support.h"
#include "os/whole_file.h"

namespace milena::test {
namespace {

// Three batches of two records, all durable, the recovery point behind the first `below`.
void fill(TestLog& test, int below) {
  REQUIRE(test.open());
  for (int i = 0; i < 3; i++) {
    test.append(produced_by(5, 0, 2 * i, 2), 1);
    REQUIRE(test.log->sync());
    if (i + 1 == below) REQUIRE(test.checkpoint());
  }
}

bool noticed(const TestLog& test, const std::string& what) {
  for (const std::string& notice : test.notices) {
    if (notice.find(what) != std::string::npos) return true;
  }
  return false;
}

size_t batch_bytes() { return build_batch(produced_by(5, 0, 0, 2)).size(); }

void rot_below_the_recovery_point() {
  for (const bool power_cut : {false, true}) {
    TestLog test;
    fill(test, 2);
    std::mt19937_64 chance(1);
    if (power_cut) test.lose_power(chance);
    else test.kill();
    const auto before = read_all(test.disk, test.path(0, ".log"));
    REQUIRE(test.disk.flip_byte(test.path(0, ".log"), batch_bytes() + 70));
    CHECK_EQ(test.open().code, Errc::corrupt);
    CHECK(test.failure.find("00000000000000000000.log at byte " + std::to_string(batch_bytes()) + ", offset 2") != std::string::npos);
    CHECK_EQ(read_all(test.disk, test.path(0, ".log")).size(), before.size());  // nothing was cut
    test.forget();
    CHECK_EQ(test.open().code, Errc::corrupt);
  }
}

void a_file_shorter_than_the_recovery_point() {
  TestLog test;
  fill(test, 3);
  test.kill();
  auto file = test.disk.open(test.path(0, ".log"), OpenMode::write);
  REQUIRE((*file)->truncate(2 * batch_bytes()));
  CHECK_EQ(test.open().code, Errc::corrupt);
  CHECK(test.failure.find("below the recovery point") != std::string::npos);
}

void bad_in_front_of_good() {
  TestLog killed;
  fill(killed, 1);
  killed.kill();
  REQUIRE(killed.disk.flip_byte(killed.path(0, ".log"), batch_bytes() + 70));
  CHECK_EQ(killed.open().code, Errc::corrupt);  // the machine did not stop, so no write was lost

  TestLog cut;
  fill(cut, 1);
  cut.kill();
  cut.boot = "another boot";
  REQUIRE(cut.disk.flip_byte(cut.path(0, ".log"), batch_bytes() + 70));
  const auto before = read_all(cut.disk, cut.path(0, ".log"));
  REQUIRE(cut.open());
  CHECK_EQ(cut.log->ends().log_end.offset.value, 2);
  CHECK_EQ(cut.log->ends().flushed_end.offset.value, 2);
  CHECK_EQ(read_all(cut.disk, cut.path(0, ".log")).size(), batch_bytes());
  const auto torn = read_all(cut.disk, cut.path(0, ".log.torn-2"));
  CHECK(std::equal(torn.begin(), torn.end(), before.begin() + static_cast<std::ptrdiff_t>(batch_bytes())));
  CHECK_EQ(torn.size(), 2 * batch_bytes());
  CHECK(noticed(cut, "cut at byte " + std::to_string(batch_bytes()) + ", offset 2"));
  CHECK_EQ(cut.append(produced_by(5, 0, 2, 2)).base_offset.value, 2);  // the lost sequences may come again
}

void a_tail_after_the_process_died() {
  TestLog test;
  fill(test, 1);
  test.kill();
  auto file = test.disk.open(test.path(0, ".log"), OpenMode::write);
  REQUIRE((*file)->truncate(2 * batch_bytes() + 40));
  REQUIRE(test.open());
  CHECK_EQ(test.log->ends().log_end.offset.value, 4);
  CHECK_EQ(read_all(test.disk, test.path(0, ".log.torn-4")).size(), 40u);
}

// A machine that lost power and whose first recovery was killed is still judged as after a power cut.
void a_killed_recovery() {
  TestLog test;
  fill(test, 1);
  test.kill();
  REQUIRE(test.disk.flip_byte(test.path(0, ".log"), batch_bytes() + 70));
  test.boot = "another boot";
  LogDirectoryOptions options;
  options.take_lock = false;
  options.boot_id = test.boot;
  REQUIRE(LogDirectory::open(test.disk, "/data", options));
  test.kill();
  REQUIRE(test.open());
  CHECK_EQ(test.log->ends().log_end.offset.value, 2);
}

void companions() {
  TestLog test;
  test.config->segment_bytes = 300;
  test.config->index_interval_bytes = 0;
  REQUIRE(test.open());
  for (int i = 0; i < 12; i++) test.append(produced_by(5, 0, i), i < 6 ? 1 : 2);
  REQUIRE(test.stop_cleanly());
  std::vector<int64_t> bases;
  const auto listed = test.disk.list("/data/events-by-day-7");
  for (const DirectoryEntry& entry : *listed) {
    if (const auto base = file_names::offset_of(entry.name, ".log")) bases.push_back(base->value);
  }
  std::sort(bases.begin(), bases.end());
  REQUIRE(bases.size() > 3);
  const auto first_index = read_all(test.disk, test.path(bases[0], ".index"));
  const auto last_index = read_all(test.disk, test.path(bases.back(), ".index"));
  REQUIRE(!first_index.empty());
  REQUIRE(test.disk.remove(test.path(bases[0], ".index")));
  REQUIRE(test.disk.remove(test.path(bases[1], ".timeindex")));
  // As a running Kafka preallocates.
  auto padded = test.disk.open(test.path(bases.back(), ".index"), OpenMode::write);
  REQUIRE((*padded)->truncate(last_index.size() + 80));
  REQUIRE(test.disk.flip_byte(test.path(12, ".snapshot"), 12));
  REQUIRE(write_whole(test.disk, "/data/events-by-day-7/leader-epoch-checkpoint", bytes_of("0\nnonsense\n"), true));
  REQUIRE(write_whole(test.disk, "/data/events-by-day-7/00000000000000000099.index", bytes_of("orphan"), true));
  REQUIRE(write_whole(test.disk, "/data/events-by-day-7/quorum-state", bytes_of("{}"), true));
  REQUIRE(test.open());
  CHECK_EQ(test.log->ends().log_end.offset.value, 12);
  CHECK(read_all(test.disk, test.path(bases[0], ".index")) == first_index);
  CHECK(!read_all(test.disk, test.path(bases[1], ".timeindex")).empty());
  CHECK(read_all(test.disk, test.path(bases.back(), ".index")) == last_index);
  CHECK(noticed(test, "is not a producer snapshot"));
  REQUIRE(test.log->producers().size() == 1);
  CHECK_EQ(test.log->producers()[0].last_sequence, 11);
  CHECK_EQ(test.log->end_offset_for(LeaderEpoch{1}).end_offset.value, 6);
  CHECK(!test.disk.exists("/data/events-by-day-7/00000000000000000099.index"));
  CHECK(test.disk.exists("/data/events-by-day-7/quorum-state"));
  CHECK_EQ(test.read(Offset{0}, Offset{12}).size(), 12 * build_batch(produced_by(5, 0, 0)).size());
}

std::string epochs_of(TestLog& test) {
  const auto bytes = read_all(test.disk, "/data/events-by-day-7/leader-epoch-checkpoint");
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The file names an epoch that has no records yet, as Kafka's does, at no sync; with the first record it is durable.
void epochs_without_records() {
  std::mt19937_64 chance(1);
  TestLog test;
  REQUIRE(test.open());
  REQUIRE(test.log->begin_epoch(LeaderEpoch{0}));
  CHECK_EQ(epochs_of(test), "0\n1\n0 0\n");
  REQUIRE(test.stop_cleanly());
  REQUIRE(test.open());
  const FaultHook& calls = test.disk.faults();
  const uint64_t synced = calls.count(FileCall::sync) + calls.count(FileCall::sync_directory);
  REQUIRE(test.log->begin_epoch(LeaderEpoch{2}));
  CHECK_EQ(calls.count(FileCall::sync) + calls.count(FileCall::sync_directory), synced);
  CHECK_EQ(epochs_of(test), "0\n1\n2 0\n");
  test.kill();
  REQUIRE(write_whole(test.disk, "/data/events-by-day-7/leader-epoch-checkpoint", bytes_of(""), false));
  REQUIRE(test.open());
  CHECK(!noticed(test, "is not a checkpoint file"));
  REQUIRE(test.log->begin_epoch(LeaderEpoch{2}));
  test.append(spec_of(1, 10), 2);
  REQUIRE(test.log->sync());
  test.lose_power(chance);
  CHECK_EQ(epochs_of(test), "0\n1\n2 0\n");
}

// A clean stop makes the shorter index durable even when nothing is left in the log: the next start trusts it.
void cut_to_nothing() {
  std::mt19937_64 chance(3);
  for (int i = 0; i < 50; i++) {
    TestLog test;
    test.config->index_interval_bytes = 0;
    fill(test, 10);
    REQUIRE(test.log->truncate_to(Offset{0}));
    REQUIRE(test.stop_cleanly());
    test.lose_power(chance);
    REQUIRE(test.open());
    CHECK_EQ(test.log->ends().log_end.offset.value, 0);
    CHECK(read_all(test.disk, test.path(0, ".index")).empty());
  }
}

void another_topic_of_the_name() {
  TestLog test;
  fill(test, 3);
  REQUIRE(test.stop_cleanly());
  TopicId older;
  older.bytes[0] = std::byte{9};
  REQUIRE(write_whole(test.disk, "/data/events-by-day-7/partition.metadata", bytes_of(format_partition_metadata(older)), true));
  REQUIRE(test.open());
  CHECK_EQ(test.log->ends().log_end.offset.value, 0);
  CHECK(test.disk.exists("/data/events-by-day-7.09000000000000000000000000000000-stray/00000000000000000000.log"));
}

void deletion() {
  TestLog test;
  fill(test, 3);
  REQUIRE(test.log->close());
  test.log.reset();
  Uuid unique;
  unique.bytes[15] = std::byte{0xab};
  REQUIRE(test.directory->delete_partition(test.name, unique, 1000, 60'000));
  CHECK(test.disk.exists("/data/events-by-day-7.000000000000000000000000000000ab-delete"));
  CHECK_EQ(test.directory->removals().run_due(60'999), 0u);
  REQUIRE(test.open_log());  // the name is free at once, and what the checkpoints said is not about this one
  CHECK_EQ(test.log->ends().log_end.offset.value, 0);
  CHECK(!test.directory->checkpoint(Checkpoint::recovery_point, test.name));
  CHECK_EQ(test.directory->removals().run_due(61'000), 1u);
  CHECK(!test.disk.exists("/data/events-by-day-7.000000000000000000000000000000ab-delete"));
}

// A lane asks after every completed segment, and with a hundred thousand partitions the files have as many lines.
void checkpoints_that_say_the_same() {
  TestLog test;
  REQUIRE(test.open());
  const auto writes = [&](const OffsetMap& changed, const std::vector<TopicPartition>& gone) {
    const uint64_t before = test.disk.faults().count(FileCall::rename);
    static_cast<void>(test.directory->merge_checkpoint(Checkpoint::high_watermark, changed, gone));
    return test.disk.faults().count(FileCall::rename) - before;
  };
  CHECK_EQ(writes({}, {}), 1u);  // whatever an earlier process has left
  CHECK_EQ(writes({{test.name, Offset{5}}}, {}), 1u);
  CHECK_EQ(writes({{test.name, Offset{5}}}, {{"unknown", 0}}), 0u);
  test.disk.faults().fail_call(FileCall::rename, 1, EIO);
  CHECK_EQ(writes({{test.name, Offset{6}}}, {}), 1u);
  CHECK(test.directory->checkpoint(Checkpoint::high_watermark, test.name) == Offset{5});
  CHECK_EQ(writes({{test.name, Offset{6}}}, {}), 1u);
  CHECK_EQ(writes({}, {test.name}), 1u);
  CHECK_EQ(writes({}, {test.name}), 0u);
}

void cancelled() {
  TestLog test;
  fill(test, 0);
  test.kill();
  const std::atomic<bool> cancel{true};
  REQUIRE(!test.directory);
  LogDirectoryOptions options;
  options.take_lock = false;
  options.boot_id = test.boot;
  auto directory = LogDirectory::open(test.disk, "/data", options);
  REQUIRE(directory);
  PartitionLogOptions log_options;
  log_options.partition = test.name;
  log_options.config = test.config;
  log_options.cancel = &cancel;
  CHECK_EQ(PartitionLog::open(**directory, log_options).why().code, Errc::cancelled);
  log_options.cancel = nullptr;
  const auto log = PartitionLog::open(**directory, log_options);
  REQUIRE(log);
  CHECK_EQ((*log)->ends().log_end.offset.value, 6);
}

void interrupted_swap() {
  TestLog test;
  fill(test, 3);
  REQUIRE(test.stop_cleanly());
  const std::string path = test.path(0, ".log");
  const auto bytes = read_all(test.disk, path);
  REQUIRE(write_whole(test.disk, path + ".swap", bytes, true));
  REQUIRE(test.disk.remove(path));  // the old segment had gone, the new one had not taken its name
  REQUIRE(write_whole(test.disk, test.path(6, ".log.cleaned"), bytes, true));
  REQUIRE(test.open());
  CHECK(read_all(test.disk, path) == bytes);
  CHECK(!test.disk.exists(path + ".swap"));
  CHECK(!test.disk.exists(test.path(6, ".log.cleaned")));
  CHECK_EQ(test.log->ends().log_end.offset.value, 6);
}

}  // namespace
}  // namespace milena::test

int main() {
  using namespace milena::test;
  rot_below_the_recovery_point();
  a_file_shorter_than_the_recovery_point();
  bad_in_front_of_good();
  a_tail_after_the_process_died();
  a_killed_recovery();
  companions();
  epochs_without_records();
  cut_to_nothing();
  another_topic_of_the_name();
  deletion();
  checkpoints_that_say_the_same();
  cancelled();
  interrupted_swap();
  return check_result();
}
