// Handing cleaned segments over when the disk fails or the process dies in the middle: a reader finds the latest value of every key before,
// after, and after a restart, and a restart leaves no file of the cleaning behind.
#include <cerrno>
#include <set>

#include "test/log_support.h"

using namespace milena;
using namespace milena::test;

namespace {

constexpr int keys = 6;
constexpr FileCall calls[] = {FileCall::rename, FileCall::remove, FileCall::sync_directory, FileCall::open, FileCall::write, FileCall::sync};

// Several closed segments in which every key was written many times.
struct Dirty : TestLog {
  Dirty() {
    config->compact = true;
    config->delete_old = false;
    REQUIRE(open());
    for (int i = 0; i < 60; i++) {
      BatchSpec spec = spec_of(1, 200);
      spec.records[0].key = "key-" + std::to_string(i % keys);
      spec.records[0].value = "value " + std::to_string(i) + std::string(200, ' ');
      CHECK_EQ(append(spec).error, KafkaError::none);
    }
    CHECK(log->roll(test_now_ms, true));
    CHECK(log->sync());
  }

  std::vector<CleanedGroup> clean() {
    std::vector<CleanedGroup> groups;
    const Offset end = log->ends().flushed_end.offset;
    const auto dirt = log->dirt(std::nullopt, end, {}, test_now_ms);
    REQUIRE(dirt);
    auto job = log->cleaning_job(*dirt);
    REQUIRE(job);
    job->now_ms = test_now_ms;
    job->map_bytes_max = 1 << 20;
    const auto take = [&](const CleanedGroup& group) {
      groups.push_back(group);
      return true;
    };
    LogCleaner cleaner(disk, *job, {[] { return false; }, [](uint64_t) {}, take});
    CHECK(cleaner.run());
    return groups;
  }

  std::map<std::string, std::string> latest() {
    std::map<std::string, std::string> found;
    const std::vector<std::byte> bytes = read(Offset{0}, log->ends().log_end.offset);
    for (Bytes rest = bytes; !rest.empty();) {
      const auto info = parse_batch_header(rest);
      if (!CHECK(info)) break;
      CHECK(batch_crc_matches(rest.first(info->size_bytes)));
      RecordCursor cursor(rest.subspan(batch_layout::header_size, info->size_bytes - batch_layout::header_size));
      RecordView record;
      while (cursor.next(record)) found[text_of(record.key)] = text_of(record.value);
      rest = rest.subspan(info->size_bytes);
    }
    return found;
  }

  static std::string text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

  size_t leftovers() {
    size_t count = 0;
    const auto entries = disk.list("/data/events-by-day-7");
    if (!CHECK(entries)) return 0;
    for (const DirectoryEntry& entry : *entries) {
      if (entry.name.ends_with(".cleaned") || entry.name.ends_with(".swap")) count++;
    }
    return count;
  }
};

void replaces_and_reads_on() {
  Dirty dirty;
  const auto before = dirty.latest();
  auto old = dirty.log->locate(Offset{0}, Offset{5}, 1000, true);
  REQUIRE(old);
  const std::weak_ptr<SegmentFile> old_file = old->file;
  const uint64_t size = dirty.log->size_bytes();
  const auto groups = dirty.clean();
  CHECK(!groups.empty());
  for (const CleanedGroup& group : groups) CHECK(dirty.log->replace(group, test_now_ms));
  CHECK(dirty.log->size_bytes() < size / 2);
  CHECK(dirty.latest() == before);
  CHECK_EQ(dirty.leftovers(), 0u);
  // A reader that is in the middle of an old file goes on in it.
  std::vector<std::byte> bytes(old->size);
  const auto got = old->file->read_at(old->position, bytes);
  CHECK(got && *got == bytes.size() && batch_crc_matches(Bytes(bytes).first(parse_batch_header(bytes)->size_bytes)));
  // With it goes the descriptor, which would keep the removed file's bytes on the disk.
  old->file.reset();
  CHECK(old_file.expired());
  // An offset that was cleaned away is answered from the next batch.
  const auto next = dirty.log->locate(Offset{1}, dirty.log->ends().log_end.offset, 1000, true);
  CHECK(next && next->size > 0 && next->first_offset > Offset{1});
}

// Returns how many calls of the kind the hand-over makes at least: `nth` was among them.
bool fails_at(FileCall kind, uint64_t nth, bool forever, bool power_cut) {
  Dirty dirty;
  const auto before = dirty.latest();
  const auto groups = dirty.clean();
  const uint64_t made = dirty.disk.faults().count(kind);
  dirty.disk.faults().fail_call(kind, nth, EIO, forever);
  bool refused = false;
  for (const CleanedGroup& group : groups) refused = !dirty.log->replace(group, test_now_ms) || refused;
  const bool reached = dirty.disk.faults().count(kind) >= made + nth;
  dirty.disk.faults().clear();
  if (!dirty.log->failed()) CHECK(dirty.latest() == before);
  std::mt19937_64 chance(nth);
  if (power_cut) dirty.lose_power(chance);
  else dirty.kill();
  CHECK(dirty.open());
  CHECK(dirty.latest() == before);
  CHECK_EQ(dirty.leftovers(), 0u);
  if (!reached) CHECK(!refused);
  return reached;
}

void every_call_may_fail() {
  for (const FileCall kind : calls) {
    for (const bool forever : {false, true}) {
      for (const bool power_cut : {false, true}) {
        for (uint64_t nth = 1; fails_at(kind, nth, forever, power_cut); nth++) {
          if (failures > 0) {
            std::fprintf(stderr, "call kind %d, number %llu, forever %d, power cut %d\n", static_cast<int>(kind), static_cast<unsigned long long>(nth), forever, power_cut);
            return;
          }
        }
      }
    }
  }
}

void refuses_what_has_changed() {
  Dirty dirty;
  auto groups = dirty.clean();
  REQUIRE(!groups.empty());
  CleanedGroup strange = groups.front();
  strange.replaced.push_back(Offset{987});
  CHECK(dirty.log->replace(strange, test_now_ms).code == Errc::not_found);
  CHECK(!dirty.disk.exists(dirty.path(0, ".log.cleaned")));
  CHECK(!dirty.log->failed());
}

void rot_is_named() {
  Dirty dirty;
  auto file = dirty.disk.open(dirty.path(0, ".log"), OpenMode::write);
  REQUIRE(file);
  const std::byte wrong{0x5a};
  CHECK((*file)->write_at(100, Bytes(&wrong, 1)));
  const auto dirt = dirty.log->dirt(std::nullopt, dirty.log->ends().flushed_end.offset, {}, test_now_ms);
  REQUIRE(dirt);
  auto job = dirty.log->cleaning_job(*dirt);
  REQUIRE(job);
  job->map_bytes_max = 1 << 20;
  LogCleaner cleaner(dirty.disk, *job, {[] { return false; }, [](uint64_t) {}, [](const CleanedGroup&) { return true; }});
  const auto outcome = cleaner.run();
  CHECK(!outcome && outcome.why().code == Errc::corrupt);
  CHECK(cleaner.failure().find("00000000000000000000.log at byte 0") != std::string::npos);
}

}  // namespace

int main() {
  replaces_and_reads_on();
  every_call_may_fail();
  refuses_what_has_changed();
  rot_is_named();
  return check_result();
}
