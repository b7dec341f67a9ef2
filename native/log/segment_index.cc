#include "log/segment_index.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/endian.h"

namespace milena {
namespace {

constexpr uint32_t window_entries = 512;

// The entries of a segment in their order: those of its file, read a window at a time because a search ends among neighbours, then those
// of the tail.
template <class Entry>
class Entries {
 public:
  Entries(const File* file, uint32_t in_file, const PublishedEntries<Entry>* tail, Patience patience)
      : file_(file), in_file_(in_file), tail_(tail), patience_(patience) {}

  Result<Entry> at(uint32_t i) {
    if (i >= in_file_) return (*tail_)[i - in_file_];
    if (i < begin_ || i >= end_) {
      if (const Status status = load_around(i); !status) return status;
    }
    return Entry::read(window_.data() + size_t{i - begin_} * Entry::bytes);
  }

  // The first and the last of those that can be had without another read; some that are in memory anyway.
  std::pair<uint32_t, uint32_t> neighbours_of(uint32_t i, uint32_t count) const {
    if (i >= in_file_) return {std::max(in_file_, i - std::min(i, window_entries)), std::min(count - 1, i + window_entries)};
    return {begin_, end_ - 1};
  }

 private:
  Status load_around(uint32_t i) {
    if (file_ == nullptr) return {Errc::not_found};
    const uint32_t begin = i - std::min(i, window_entries / 2);
    const uint32_t wanted = std::min(window_entries, in_file_ - begin);
    const auto got = file_->read(uint64_t{begin} * Entry::bytes, MutableBytes(window_).first(size_t{wanted} * Entry::bytes), patience_);
    if (!got) return got.why();
    begin_ = begin;
    end_ = begin + static_cast<uint32_t>(*got / Entry::bytes);
    return i < end_ ? Status{} : Status{Errc::corrupt};
  }

  const File* const file_;
  const uint32_t in_file_;
  const PublishedEntries<Entry>* const tail_;
  const Patience patience_;
  uint32_t begin_ = 0;  // what the window holds
  uint32_t end_ = 0;
  std::array<std::byte, window_entries * Entry::bytes> window_;
};

// How many of the entries [low, high), in their order, fulfil `below`, which holds for a front part of them; those before `low` do.
template <class Entry, class Below>
Result<uint32_t> partition_point(Entries<Entry>& entries, uint32_t low, uint32_t high, Below below) {
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    const auto entry = entries.at(middle);
    if (!entry) return entry.why();
    if (below(*entry)) low = middle + 1;
    else high = middle;
  }
  return low;
}

// The same of all `count` entries by a number that rises with them about evenly: the neighbourhood where `wanted` should be is looked at first.
template <class Entry, class KeyOf, class Below>
Result<uint32_t> partition_point_near(Entries<Entry>& entries, uint32_t count, uint64_t wanted, KeyOf key_of, Below below) {
  if (count <= window_entries) return partition_point(entries, 0, count, below);
  const auto last = entries.at(count - 1);
  if (!last) return last.why();
  if (below(*last)) return count;
  const uint64_t last_key = std::max<uint64_t>(1, key_of(*last));
  const auto guess = static_cast<uint32_t>(std::min<uint64_t>(count - 1, std::min(wanted, last_key) * count / last_key));
  if (const auto at_guess = entries.at(guess); !at_guess) return at_guess.why();
  const auto [front, back] = entries.neighbours_of(guess, count);
  uint32_t low = 0;
  uint32_t high = count - 1;
  const auto at_front = entries.at(front);
  if (!at_front) return at_front.why();
  const auto at_back = entries.at(back);
  if (!at_back) return at_back.why();
  if (!below(*at_front)) high = front;
  else if (below(*at_back)) low = back + 1;
  else low = front + 1, high = back;
  return partition_point(entries, low, high, below);
}

template <class Entry>
Result<std::optional<Entry>> last_of(Entries<Entry>& entries, const Result<uint32_t>& count) {
  if (!count) return count.why();
  if (*count == 0) return std::optional<Entry>{};
  const auto entry = entries.at(*count - 1);
  if (!entry) return entry.why();
  return std::optional(*entry);
}

template <class Entry>
Result<uint32_t> count_entries(const File& file, Patience patience) {
  const auto size = file.size();
  if (!size) return size.why();
  const auto slots = static_cast<uint32_t>(std::min<uint64_t>(*size / Entry::bytes, UINT32_MAX));
  Entries<Entry> entries(&file, slots, nullptr, patience);
  return partition_point(entries, 0, slots, [](const Entry& entry) { return !entry.is_padding(); });
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

Result<uint32_t> count_offset_entries(const File& file, Patience patience) { return count_entries<OffsetIndexEntry>(file, patience); }
Result<uint32_t> count_time_entries(const File& file, Patience patience) { return count_entries<TimeIndexEntry>(file, patience); }

IndexView::IndexView(IndexCounts in_files, std::shared_ptr<const IndexTail> tail, const File* offset_file, const File* time_file, Patience patience)
    : in_files_(tail ? tail->in_files : in_files),
      tail_(std::move(tail)),
      offset_count_(tail_ ? tail_->total().offsets : in_files_.offsets),
      time_count_(tail_ ? tail_->total().times : in_files_.times),
      offset_file_(offset_file),
      time_file_(time_file),
      patience_(patience) {}

namespace {

uint32_t relative_offset_of(const OffsetIndexEntry& entry) { return entry.relative_offset; }
uint32_t position_of(const OffsetIndexEntry& entry) { return entry.position; }

Entries<OffsetIndexEntry> offsets_of(const File* file, IndexCounts in_files, const IndexTail* tail, Patience patience) {
  return {file, in_files.offsets, tail == nullptr ? nullptr : &tail->offsets, patience};
}

Entries<TimeIndexEntry> times_of(const File* file, IndexCounts in_files, const IndexTail* tail, Patience patience) {
  return {file, in_files.times, tail == nullptr ? nullptr : &tail->times, patience};
}

}  // namespace

Result<OffsetIndexEntry> IndexView::offset_entry(uint32_t i) const { return offsets_of(offset_file_, in_files_, tail_.get(), patience_).at(i); }
Result<TimeIndexEntry> IndexView::time_entry(uint32_t i) const { return times_of(time_file_, in_files_, tail_.get(), patience_).at(i); }

Result<std::optional<OffsetIndexEntry>> IndexView::floor_offset(uint32_t relative_offset) const {
  auto entries = offsets_of(offset_file_, in_files_, tail_.get(), patience_);
  return last_of(entries, partition_point_near(entries, offset_count_, relative_offset, relative_offset_of,
                                               [&](const OffsetIndexEntry& entry) { return entry.relative_offset <= relative_offset; }));
}

Result<std::optional<OffsetIndexEntry>> IndexView::floor_position(uint64_t position) const {
  auto entries = offsets_of(offset_file_, in_files_, tail_.get(), patience_);
  return last_of(entries, partition_point_near(entries, offset_count_, position, position_of,
                                               [&](const OffsetIndexEntry& entry) { return entry.position <= position; }));
}

Result<std::optional<TimeIndexEntry>> IndexView::floor_time(int64_t timestamp_ms) const {
  auto entries = times_of(time_file_, in_files_, tail_.get(), patience_);
  return last_of(entries, partition_point(entries, 0, time_count_, [&](const TimeIndexEntry& entry) { return entry.timestamp_ms <= timestamp_ms; }));
}

Result<uint32_t> IndexView::offsets_below(uint32_t relative_offset) const {
  auto entries = offsets_of(offset_file_, in_files_, tail_.get(), patience_);
  return partition_point(entries, 0, offset_count_, [&](const OffsetIndexEntry& entry) { return entry.relative_offset < relative_offset; });
}

Result<uint32_t> IndexView::times_below(uint32_t relative_offset) const {
  auto entries = times_of(time_file_, in_files_, tail_.get(), patience_);
  return partition_point(entries, 0, time_count_, [&](const TimeIndexEntry& entry) { return entry.relative_offset < relative_offset; });
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
