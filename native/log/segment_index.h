// The offset and time index of one segment: entries already in the `.index` and `.timeindex` files, and behind them those still in memory.
//   .index      8 bytes an entry:  i32 last offset of a batch - base offset | i32 position of that batch
//   .timeindex 12 bytes an entry:  i64 greatest timestamp so far | i32 last offset of its batch - base offset
// Files hold exactly their entries; zeros behind them, as a running Kafka preallocates, are not counted. An index is a hint: whoever
// uses an entry looks at the batch it names before believing it.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "log/published_entries.h"
#include "os/file.h"

namespace milena {

struct OffsetIndexEntry {
  static constexpr size_t bytes = 8;
  uint32_t relative_offset = 0;
  uint32_t position = 0;
  static OffsetIndexEntry read(const std::byte* from);
  void write(std::byte* to) const;
  bool is_padding() const { return position == 0; }  // no batch at position 0 ever gets an entry
};

struct TimeIndexEntry {
  static constexpr size_t bytes = 12;
  int64_t timestamp_ms = -1;
  uint32_t relative_offset = 0;
  static TimeIndexEntry read(const std::byte* from);
  void write(std::byte* to) const;
  bool is_padding() const { return timestamp_ms == 0 && relative_offset == 0; }
};

// How many entries the files of a segment hold.
struct IndexCounts {
  uint32_t offsets = 0;
  uint32_t times = 0;
};

// Entries that are not in the files yet. One writer, any readers.
struct IndexTail {
  explicit IndexTail(IndexCounts before) : in_files(before), written(before) {}
  const IndexCounts in_files;  // when this tail began
  IndexCounts written;         // in the files by now; the syncer's
  PublishedEntries<OffsetIndexEntry> offsets;
  PublishedEntries<TimeIndexEntry> times;
  IndexCounts total() const { return {in_files.offsets + offsets.size(), in_files.times + times.size()}; }
};

// Reads one index file; every count is clipped to what the file holds.
Result<uint32_t> count_offset_entries(const File& file, Patience patience);
Result<uint32_t> count_time_entries(const File& file, Patience patience);

// One consistent look at the index of a segment. The files may be null: then only the tail is looked at.
class IndexView {
 public:
  IndexView(IndexCounts in_files, std::shared_ptr<const IndexTail> tail, const File* offset_file, const File* time_file, Patience patience = Patience::waits);

  uint32_t offset_count() const { return offset_count_; }
  uint32_t time_count() const { return time_count_; }
  Result<OffsetIndexEntry> offset_entry(uint32_t i) const;
  Result<TimeIndexEntry> time_entry(uint32_t i) const;
  // The last entry at or below; nullopt: there is none.
  Result<std::optional<OffsetIndexEntry>> floor_offset(uint32_t relative_offset) const;
  Result<std::optional<OffsetIndexEntry>> floor_position(uint64_t position) const;
  Result<std::optional<TimeIndexEntry>> floor_time(int64_t timestamp_ms) const;
  // How many entries lie below, for truncation: those with a smaller relative offset.
  Result<uint32_t> offsets_below(uint32_t relative_offset) const;
  Result<uint32_t> times_below(uint32_t relative_offset) const;

 private:
  const IndexCounts in_files_;
  const std::shared_ptr<const IndexTail> tail_;
  const uint32_t offset_count_;
  const uint32_t time_count_;
  const File* const offset_file_;
  const File* const time_file_;
  const Patience patience_;
};

// Appends to the files the entries [from, tail.total()) of `tail`; `from` counts from the start of the file. Creates the files.
// `exact` also cuts off whatever lies behind (padding, an older life).
Status write_index_files(FileSystem& files, const std::string& offset_path, const std::string& time_path, const IndexTail& tail, IndexCounts from, IndexCounts to,
                         bool exact, bool sync);

}  // namespace milena
