#include "log/segment_index.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/endian.h"

namespace milena {
namespace {

template <class Entry>
Result<Entry> read_entry(const File* file, uint32_t i) {
  if (file == nullptr) return Status{Errc::not_found};
  std::array<std::byte, Entry::bytes> raw;
  const auto got = file->read_at(uint64_t{i} * Entry::bytes, raw);
  if (!got) return got.why();
  if (*got < raw.size()) return Status{Errc::corrupt};
  return Entry::read(raw.data());
}

// How many of `count` entries, in their order, fulfil `below`, which holds for a front part of them.
template <class Read, class Below>
Result<uint32_t> partition_point(uint32_t count, Read read, Below below) {
  uint32_t low = 0;
  uint32_t high = count;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    const auto entry = read(middle);
    if (!entry) return entry.why();
    if (below(*entry)) low = middle + 1;
    else high = middle;
  }
  return low;
}

template <class Entry>
Result<uint32_t> count_entries(const File& file) {
  const auto size = file.size();
  if (!size) return size.why();
  const auto slots = static_cast<uint32_t>(std::min<uint64_t>(*size / Entry::bytes, UINT32_MAX));
  return partition_point(
      slots, [&](uint32_t i) { return read_entry<Entry>(&file, i); }, [](const Entry& entry) { return !entry.is_padding(); });
}

template <class Entry>
std::vector<std::byte> encode(const PublishedEntries<Entry>& entries, uint32_t begin, uint32_t end) {
  std::vector<std::byte> bytes(size_t{end - begin} * Entry::bytes);
  for (uint32_t i = begin; i < end; i++) entries[i].write(bytes.data() + size_t{i - begin} * Entry::bytes);
  return bytes;
}

template <class Entry>
Status write_entries(FileSystem& files, const std::string& path, const PublishedEntries<Entry>& entries, uint32_t in_file, uint32_t from, uint32_t to, bool exact,
                     bool sync) {
  auto file = files.open(path, OpenMode::create);
  if (!file) return file.why();
  if (from < to) {
    const std::vector<std::byte> bytes = encode(entries, from - in_file, to - in_file);
    if (const WriteOutcome outcome = (*file)->write_at(uint64_t{from} * Entry::bytes, bytes); !outcome) return outcome.status;
  }
  if (exact) {
    const auto size = (*file)->size();
    if (!size) return size.why();
    if (*size != uint64_t{to} * Entry::bytes) {
      if (const Status status = (*file)->truncate(uint64_t{to} * Entry::bytes); !status) return status;
    }
  }
  return sync ? (*file)->sync() : Status{};
}

}  // namespace

OffsetIndexEntry OffsetIndexEntry::read(const std::byte* from) { return {load<uint32_t>(from), load<uint32_t>(from + 4)}; }
void OffsetIndexEntry::write(std::byte* to) const {
  store<uint32_t>(to, relative_offset);
  store<uint32_t>(to + 4, position);
}
TimeIndexEntry TimeIndexEntry::read(const std::byte* from) { return {load<int64_t>(from), load<uint32_t>(from + 8)}; }
void TimeIndexEntry::write(std::byte* to) const {
  store<int64_t>(to, timestamp_ms);
  store<uint32_t>(to + 8, relative_offset);
}

Result<uint32_t> count_offset_entries(const File& file) { return count_entries<OffsetIndexEntry>(file); }
Result<uint32_t> count_time_entries(const File& file) { return count_entries<TimeIndexEntry>(file); }

IndexView::IndexView(IndexCounts in_files, std::shared_ptr<const IndexTail> tail, const File* offset_file, const File* time_file)
    : in_files_(tail ? tail->in_files : in_files),
      tail_(std::move(tail)),
      offset_count_(tail_ ? tail_->total().offsets : in_files_.offsets),
      time_count_(tail_ ? tail_->total().times : in_files_.times),
      offset_file_(offset_file),
      time_file_(time_file) {}

Result<OffsetIndexEntry> IndexView::offset_entry(uint32_t i) const {
  if (i >= in_files_.offsets) return tail_->offsets[i - in_files_.offsets];
  return read_entry<OffsetIndexEntry>(offset_file_, i);
}

Result<TimeIndexEntry> IndexView::time_entry(uint32_t i) const {
  if (i >= in_files_.times) return tail_->times[i - in_files_.times];
  return read_entry<TimeIndexEntry>(time_file_, i);
}

Result<std::optional<OffsetIndexEntry>> IndexView::floor_offset(uint32_t relative_offset) const {
  const auto slots = partition_point(
      offset_count_, [&](uint32_t i) { return offset_entry(i); }, [&](const OffsetIndexEntry& entry) { return entry.relative_offset <= relative_offset; });
  if (!slots) return slots.why();
  if (*slots == 0) return std::optional<OffsetIndexEntry>{};
  const auto entry = offset_entry(*slots - 1);
  if (!entry) return entry.why();
  return std::optional(*entry);
}

Result<std::optional<OffsetIndexEntry>> IndexView::floor_position(uint64_t position) const {
  const auto slots = partition_point(
      offset_count_, [&](uint32_t i) { return offset_entry(i); }, [&](const OffsetIndexEntry& entry) { return entry.position <= position; });
  if (!slots) return slots.why();
  if (*slots == 0) return std::optional<OffsetIndexEntry>{};
  const auto entry = offset_entry(*slots - 1);
  if (!entry) return entry.why();
  return std::optional(*entry);
}

Result<std::optional<TimeIndexEntry>> IndexView::floor_time(int64_t timestamp_ms) const {
  const auto slots =
      partition_point(time_count_, [&](uint32_t i) { return time_entry(i); }, [&](const TimeIndexEntry& entry) { return entry.timestamp_ms <= timestamp_ms; });
  if (!slots) return slots.why();
  if (*slots == 0) return std::optional<TimeIndexEntry>{};
  const auto entry = time_entry(*slots - 1);
  if (!entry) return entry.why();
  return std::optional(*entry);
}

Result<uint32_t> IndexView::offsets_below(uint32_t relative_offset) const {
  return partition_point(
      offset_count_, [&](uint32_t i) { return offset_entry(i); }, [&](const OffsetIndexEntry& entry) { return entry.relative_offset < relative_offset; });
}

Result<uint32_t> IndexView::times_below(uint32_t relative_offset) const {
  return partition_point(time_count_, [&](uint32_t i) { return time_entry(i); }, [&](const TimeIndexEntry& entry) { return entry.relative_offset < relative_offset; });
}

Status write_index_files(FileSystem& files, const std::string& offset_path, const std::string& time_path, const IndexTail& tail, IndexCounts from, IndexCounts to,
                         bool exact, bool sync) {
  if (from.offsets < to.offsets || exact) {
    if (const Status status = write_entries(files, offset_path, tail.offsets, tail.in_files.offsets, from.offsets, to.offsets, exact, sync); !status) return status;
  }
  if (from.times < to.times || exact) return write_entries(files, time_path, tail.times, tail.in_files.times, from.times, to.times, exact, sync);
  return {};
}

}  // namespace milena
