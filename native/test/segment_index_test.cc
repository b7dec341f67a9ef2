// Searches in the index of a segment against a plain walk over its entries, and how often they ask the disk.
#include <algorithm>
#include <random>

#include "log/segment_index.h"
#include "os/crash_file_system.h"
#include "test/check.h"

using namespace milena;
using namespace milena::test;

namespace {

constexpr const char* offset_path = "/offsets";
constexpr const char* time_path = "/times";

// How far apart neighbours lie: all alike, further and further, or in clusters with wide gaps.
enum class Spread : uint8_t { even, widening, clustered };

uint32_t gap(Spread spread, uint32_t i, std::mt19937_64& chance) {
  switch (spread) {
    case Spread::even: return 60'000 + static_cast<uint32_t>(chance() % 2'000);
    case Spread::widening: return 1 + i;
    case Spread::clustered: return i % 700 == 0 ? 1'000'000 : 1 + static_cast<uint32_t>(chance() % 3);
  }
  return 1;
}

struct Filled {
  CrashFileSystem disk;
  std::vector<OffsetIndexEntry> offsets;
  std::vector<TimeIndexEntry> times;
  std::shared_ptr<IndexTail> tail;
  std::unique_ptr<File> offset_file;
  std::unique_ptr<File> time_file;

  Filled(uint32_t count, uint32_t in_files, Spread spread, std::mt19937_64& chance) {
    auto all = std::make_shared<IndexTail>(IndexCounts{});
    tail = std::make_shared<IndexTail>(IndexCounts{in_files, in_files});
    OffsetIndexEntry entry;
    for (uint32_t i = 0; i < count; i++) {
      entry.relative_offset += gap(spread, i, chance) / 10 + 1;
      entry.position += gap(spread, i, chance);
      offsets.push_back(entry);
      times.push_back({1'000 + 10 * int64_t{i}, entry.relative_offset});
      all->offsets.push(offsets.back());
      all->times.push(times.back());
      if (i >= in_files) {
        tail->offsets.push(offsets.back());
        tail->times.push(times.back());
      }
    }
    REQUIRE(write_index_files(disk, offset_path, time_path, *all, {}, {in_files, in_files}, true, false));
    offset_file = std::move(*disk.open(offset_path, OpenMode::read));
    time_file = std::move(*disk.open(time_path, OpenMode::read));
  }
  IndexView view() const { return {{}, tail, offset_file.get(), time_file.get()}; }
};

template <class Entry, class AtMost>
const Entry* last_at_most(const std::vector<Entry>& entries, AtMost at_most) {
  const auto behind = std::partition_point(entries.begin(), entries.end(), at_most);
  return behind == entries.begin() ? nullptr : &*(behind - 1);
}

void finds_what_a_walk_finds(Spread spread, uint32_t count, uint32_t in_files, std::mt19937_64& chance) {
  const Filled filled(count, in_files, spread, chance);
  const IndexView view = filled.view();
  for (int round = 0; round < 200; round++) {
    // Exactly an entry, beside one, or anywhere.
    uint32_t offset = static_cast<uint32_t>(chance());
    uint64_t position = chance() % (uint64_t{1} << 33);
    int64_t time = static_cast<int64_t>(chance() % (20 * count + 2'000));
    if (round % 4 != 0 && count > 0) {
      const size_t i = chance() % count;
      offset = filled.offsets[i].relative_offset + static_cast<uint32_t>(chance() % 3) - 1;
      position = uint64_t{filled.offsets[i].position} + chance() % 3 - 1;
      time = filled.times[i].timestamp_ms + static_cast<int64_t>(chance() % 3) - 1;
    }
    const auto by_offset = view.floor_offset(offset);
    const auto by_position = view.floor_position(position);
    const auto by_time = view.floor_time(time);
    REQUIRE(by_offset && by_position && by_time);
    const auto* wanted_offset = last_at_most(filled.offsets, [&](const auto& entry) { return entry.relative_offset <= offset; });
    const auto* wanted_position = last_at_most(filled.offsets, [&](const auto& entry) { return entry.position <= position; });
    const auto* wanted_time = last_at_most(filled.times, [&](const auto& entry) { return entry.timestamp_ms <= time; });
    CHECK_EQ(by_offset->has_value(), wanted_offset != nullptr);
    CHECK_EQ(by_position->has_value(), wanted_position != nullptr);
    CHECK_EQ(by_time->has_value(), wanted_time != nullptr);
    if (*by_offset && wanted_offset) CHECK_EQ((*by_offset)->position, wanted_offset->position);
    if (*by_position && wanted_position) CHECK_EQ((*by_position)->position, wanted_position->position);
    if (*by_time && wanted_time) CHECK_EQ((*by_time)->relative_offset, wanted_time->relative_offset);
  }
}

// A gigabyte of batches of 64 KB: the last entry, and those around where the wanted one should be.
void asks_twice_where_batches_are_alike() {
  std::mt19937_64 chance(1);
  Filled filled(16'000, 16'000, Spread::even, chance);
  for (const uint32_t i : {0u, 1u, 7'000u, 15'998u}) {
    const uint64_t before = filled.disk.faults().count(FileCall::read);
    const auto found = filled.view().floor_position(filled.offsets[i].position);
    REQUIRE(found && *found);
    CHECK_EQ((*found)->position, filled.offsets[i].position);
    CHECK(filled.disk.faults().count(FileCall::read) - before <= 2);
  }
}

}  // namespace

int main() {
  const uint64_t seed = std::random_device{}();
  std::printf("segment_index_test: seed %llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 chance(seed);
  for (const Spread spread : {Spread::even, Spread::widening, Spread::clustered}) {
    for (const uint32_t count : {0u, 1u, 2u, 511u, 512u, 513u, 514u, 1'025u, 5'000u}) {
      for (const uint32_t in_files : {0u, 1u, count / 2, count}) finds_what_a_walk_finds(spread, count, std::min(in_files, count), chance);
    }
  }
  asks_twice_where_batches_are_alike();
  return check_result();
}
