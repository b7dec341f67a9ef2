// A log directory in memory and one log in it, with the calls the tests repeat.
#pragma once
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "batch_builder.h"
#include "check.h"
#include "log/partition_log.h"
#include "os/crash_file_system.h"

namespace milena::test {

inline constexpr int64_t test_now_ms = 1'700'000'000'000;

inline std::shared_ptr<LogConfig> small_config() {
  auto config = std::make_shared<LogConfig>();
  config->segment_bytes = 4096;
  config->index_interval_bytes = 200;
  config->segment_index_bytes = 4096;
  return config;
}

inline BatchSpec spec_of(size_t records, size_t value_bytes, int64_t timestamp_ms = test_now_ms) {
  BatchSpec spec;
  spec.base_timestamp = timestamp_ms;
  spec.records.assign(records, TestRecord{});
  for (TestRecord& record : spec.records) record.value = std::string(value_bytes, 'x');
  return spec;
}

inline BatchSpec produced_by(int64_t producer_id, int16_t epoch, int32_t sequence, size_t records = 1) {
  BatchSpec spec = spec_of(records, 10);
  spec.producer_id = producer_id;
  spec.producer_epoch = epoch;
  spec.base_sequence = sequence;
  return spec;
}

// A batch with the entry that carries it.
struct Sent {
  explicit Sent(const BatchSpec& spec) : bytes(build_batch(spec)) {
    entry.batch = bytes;
    entry.info = *parse_batch_header(bytes);
  }
  Sent(const Sent&) = delete;
  Buffer bytes;
  AppendEntry entry;
};

inline std::vector<std::byte> read_all(FileSystem& files, const std::string& path) {
  auto file = files.open(path, OpenMode::read);
  if (!file) return {};
  std::vector<std::byte> bytes(*(*file)->size());
  const auto got = (*file)->read_at(0, bytes);
  bytes.resize(got ? *got : 0);
  return bytes;
}

// As the plane does it: the writer closes the active segment when all of the log is due. How many segments went.
inline Result<size_t> retain(PartitionLog& log, int64_t now_ms, Offset high_watermark) {
  const auto first = log.retain(now_ms, high_watermark);
  if (!first) return first.why();
  if (!first->active_is_due) return first->removed;
  if (const Status status = log.roll(now_ms, true); !status) return status;
  const auto second = log.retain(now_ms, high_watermark);
  if (!second) return second.why();
  return first->removed + second->removed;
}

// One broker's life after another on the same disk.
struct TestLog {
  CrashFileSystem disk;
  std::shared_ptr<LogConfig> config = small_config();
  TopicPartition name{"events-by-day", 7};
  std::vector<std::string> notices;
  std::string failure;
  std::string boot = "boot-1";
  std::unique_ptr<LogDirectory> directory;
  std::unique_ptr<PartitionLog> log;

  Status open() {
    log.reset();
    directory.reset();
    LogDirectoryOptions options;
    options.take_lock = false;
    options.boot_id = boot;
    options.descriptors_max = 4;
    options.notice = [this](NoticeLevel, const std::string& text) { notices.push_back(text); };
    auto opened = LogDirectory::open(disk, "/data", options);
    if (!opened) return opened.why();
    directory = std::move(*opened);
    return open_log();
  }

  Status open_log() {
    PartitionLogOptions options;
    options.partition = name;
    options.topic_id.bytes[0] = std::byte{1};
    options.config = config;
    options.now_ms = test_now_ms;
    options.failure = &failure;
    auto made = PartitionLog::open(*directory, options);
    if (!made) return made.why();
    log = std::move(*made);
    return {};
  }

  Status checkpoint() { return directory->merge_checkpoint(Checkpoint::recovery_point, {{name, log->recovery_point()}}); }

  Status stop_cleanly() {
    if (const Status status = log->close(); !status) return status;
    if (const Status status = checkpoint(); !status) return status;
    if (const Status status = directory->merge_checkpoint(Checkpoint::log_start, {{name, log->ends().log_start}}); !status) return status;
    const Status status = directory->mark_clean_shutdown();
    forget();
    return status;
  }

  void kill() {
    forget();
    disk.kill_process();
  }

  void lose_power(std::mt19937_64& chance) {
    forget();
    disk.crash(chance);
    boot += "'";
  }

  void forget() {
    log.reset();
    directory.reset();
  }

  AppendEntry append(const BatchSpec& spec, int32_t epoch = 0, int64_t now_ms = test_now_ms) {
    Sent sent(spec);
    AppendEntry* entry = &sent.entry;
    static_cast<void>(log->append(std::span(&entry, 1), LeaderEpoch{epoch}, now_ms));
    sent.entry.batch = {};
    return sent.entry;
  }

  std::string path(int64_t base, const std::string& suffix) const {
    std::string digits = std::to_string(base);
    return "/data/events-by-day-7/" + std::string(20 - digits.size(), '0') + digits + suffix;
  }

  // Everything from log start to `upper`, by as many locate() calls as it takes; checks that ranges follow each other.
  std::vector<std::byte> read(Offset from, Offset upper, uint32_t bytes_max = 1000) {
    std::vector<std::byte> all;
    for (Offset at = from; at < upper;) {
      const auto range = log->locate(at, upper, bytes_max, true);
      if (!CHECK(range) || range->size == 0) break;
      std::vector<std::byte> bytes(range->size);
      const auto got = range->file->read_at(range->position, bytes);
      if (!CHECK(got && *got == bytes.size())) break;
      all.insert(all.end(), bytes.begin(), bytes.end());
      if (!CHECK(range->next_offset > at)) break;
      at = range->next_offset;
    }
    return all;
  }
};

}  // namespace milena::test
