// One writer, one syncer, one keeper (retention or compaction) and several readers on one log at once: readers only ever see whole batches
// in order, below the ends they asked.
// Meant for ThreadSanitizer; the assertions hold without it too.
#include <atomic>
#include <thread>

#include "test/log_support.h"
#include "os/posix_file.h"
#include "test/scratch_folder.h"

namespace milena::test {
namespace {

constexpr int32_t gathers = 1500;

struct Shared {
  std::unique_ptr<LogDirectory> directory;
  std::unique_ptr<PartitionLog> log;
  FileSystem* disk = nullptr;
  std::atomic<bool> done{false};
  uint64_t replaced = 0;  // the keeper's: segments
};

void write(Shared& shared) {
  for (int32_t i = 0; i < gathers; i++) {
    Sent first(produced_by(1, 0, 2 * i));
    Sent second(produced_by(1, 0, 2 * i + 1));
    BatchSpec keyed = spec_of(1 + static_cast<size_t>(i) % 3, 50, test_now_ms + i);
    for (TestRecord& record : keyed.records) record.key = "key-" + std::to_string(i % 7);
    Sent third(keyed);
    AppendEntry* entries[] = {&first.entry, &second.entry, &third.entry};
    CHECK(shared.log->append(entries, LeaderEpoch{i / 100}, test_now_ms));
    CHECK_EQ(first.entry.error, KafkaError::none);
    if (i % 70 == 0 && !shared.log->trim()) CHECK(shared.log->sync_names());
    if (i % 300 == 0) shared.log->expire_producers(test_now_ms);
  }
  shared.done.store(true, std::memory_order_release);
}

void sync(Shared& shared) {
  while (!shared.done.load(std::memory_order_acquire)) {
    CHECK(shared.log->sync());
    std::this_thread::yield();
  }
  CHECK(shared.log->sync());
}

void retain(Shared& shared) {
  while (!shared.done.load(std::memory_order_acquire)) {
    CHECK(shared.log->retain(test_now_ms, shared.log->ends().flushed_end.offset));
    std::this_thread::yield();
  }
}

void compact(Shared& shared) {
  std::optional<Offset> clean_end;
  while (!shared.done.load(std::memory_order_acquire)) {
    const auto dirt = shared.log->dirt(clean_end, shared.log->ends().flushed_end.offset, {0, 1}, test_now_ms);
    REQUIRE(dirt);
    auto job = shared.log->cleaning_job(*dirt);
    REQUIRE(job);
    job->map_bytes_max = 1 << 20;
    const auto take_over = [&](const CleanedGroup& group) {
      CHECK(shared.log->replace(group, test_now_ms));
      shared.replaced += group.replaced.size();
      return true;
    };
    LogCleaner cleaner(*shared.disk, *job, {[] { return false; }, [](uint64_t) {}, take_over});
    const auto outcome = cleaner.run();
    REQUIRE(outcome);
    clean_end = outcome->clean_end;
    shared.directory->removals().run_due(INT64_MAX);
  }
}

// Follows the tail of what is durable, or of everything, from the start to the end.
void read(Shared& shared, bool durable, uint32_t bytes_max) {
  Offset at{0};
  CodecScratch scratch;
  std::vector<std::byte> bytes;
  for (bool last = false; !last;) {
    last = shared.done.load(std::memory_order_acquire);
    for (;;) {
      const LogEnds ends = shared.log->ends();
      CHECK(ends.log_start <= ends.log_end.offset && ends.flushed_end.offset <= ends.log_end.offset);
      const Offset upper = durable ? ends.flushed_end.offset : ends.log_end.offset;
      at = std::max(at, ends.log_start);
      if (at >= upper) break;
      const auto range = shared.log->locate(at, upper, bytes_max, true);
      if (!range) {
        CHECK_EQ(range.why().code, Errc::out_of_range);  // retention was faster
        continue;
      }
      if (range->size == 0) break;
      bytes.resize(range->size);
      const auto got = range->file->read_at(range->position, bytes);
      REQUIRE(got && *got == bytes.size());
      size_t position = 0;
      while (position < bytes.size()) {
        const auto info = parse_batch_header(Bytes(bytes).subspan(position));
        REQUIRE(info);
        REQUIRE(batch_crc_matches(Bytes(bytes).subspan(position, info->size_bytes)));
        CHECK(info->next_offset() > at.value && info->next_offset() <= upper.value);
        at = Offset{info->next_offset()};
        position += info->size_bytes;
      }
      // Behind the last batch of a cleaned segment there may be a gap.
      CHECK(range->next_offset >= at);
      at = range->next_offset;
    }
    static_cast<void>(shared.log->find_timestamp(test_now_ms + 5, at, scratch));
    static_cast<void>(shared.log->max_timestamp(scratch));
    static_cast<void>(shared.log->end_offset_for(LeaderEpoch{3}));
    static_cast<void>(shared.log->last_stable_offset(at));
    static_cast<void>(shared.log->producers());
    static_cast<void>(shared.log->size_bytes());
  }
}

void run(const char* name, const std::shared_ptr<LogConfig>& config, void (*keep)(Shared&)) {
  const ScratchFolder scratch("log-threads");
  const std::string& root = scratch.path();
  PosixFileSystem disk;
  Shared shared;
  shared.disk = &disk;
  LogDirectoryOptions options;
  options.descriptors_max = 3;
  auto directory = LogDirectory::open(disk, root, options);
  REQUIRE(directory);
  shared.directory = std::move(*directory);
  config->segment_bytes = 20'000;
  PartitionLogOptions log_options;
  log_options.partition = {name, 0};
  log_options.config = config;
  log_options.now_ms = test_now_ms;
  auto log = PartitionLog::open(*shared.directory, log_options);
  REQUIRE(log);
  shared.log = std::move(*log);
  std::vector<std::thread> threads;
  threads.emplace_back([&] { sync(shared); });
  threads.emplace_back([&] { keep(shared); });
  threads.emplace_back([&] { read(shared, true, 3000); });
  threads.emplace_back([&] { read(shared, false, 100); });
  write(shared);
  for (std::thread& thread : threads) thread.join();
  CHECK_EQ(shared.log->ends().flushed_end.offset.value, shared.log->ends().log_end.offset.value);
  std::printf("%s: %zu segments at the end, %llu were replaced\n", name, shared.log->segment_count(), static_cast<unsigned long long>(shared.replaced));
  CHECK(shared.log->close());
  shared.log.reset();
  shared.directory->removals().run_due(INT64_MAX);
  CHECK(disk.exists(root + "/" + name + "-0/leader-epoch-checkpoint"));
  shared.directory.reset();
}

}  // namespace
}  // namespace milena::test

int main() {
  using namespace milena;
  using namespace milena::test;
  auto retained = small_config();
  retained->retention_bytes = 100'000;
  run("retained", retained, retain);
  auto compacted = small_config();
  compacted->compact = true;
  compacted->delete_old = false;
  run("compacted", compacted, compact);
  return check_result();
}
