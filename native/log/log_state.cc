#include "log/log_state.h"

#include <algorithm>
#include <array>

#include "log/batch_walk.h"
#include "log/file_names.h"
#include "log/transaction_index.h"

namespace milena {
namespace {

constexpr size_t scratch_bytes = 8192;  // two index intervals of small batches

// splitmix64
uint64_t next_chance(uint64_t& state) {
  state += 0x9e3779b97f4a7c15u;
  uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
  return mixed ^ (mixed >> 31);
}

}  // namespace

LogState::LogState(LogDirectory& log_directory, TopicPartition topic_partition, std::shared_ptr<const LogConfig> log_config, uint64_t jitter_seed)
    : directory(log_directory),
      files(log_directory.files()),
      partition(std::move(topic_partition)),
      path(log_directory.path() + "/" + file_names::of_partition(partition)),
      config(std::move(log_config)),
      segments(std::make_shared<const SegmentList>()),
      chance(jitter_seed) {}

std::string LogState::file_path(Offset base, std::string_view suffix) const { return path + "/" + file_names::of_segment(base, suffix); }

Result<std::shared_ptr<SegmentFile>> LogState::open_file(const std::shared_ptr<Segment>& segment, Patience patience) {
  {
    const std::lock_guard lock(mutex);
    if (auto open = segment->file.lock()) {
      open->mark_used();
      return open;
    }
    if (segment->gone) return Status{Errc::not_found};
  }
  if (patience == Patience::never_waits) return Status{Errc::would_wait};
  auto file = files.open(file_path(segment->base, file_names::log), OpenMode::write);
  if (!file) return file.why();
  auto opened = std::make_shared<SegmentFile>(std::move(*file));
  {
    const std::lock_guard lock(mutex);
    if (auto other = segment->file.lock()) return other;
    if (segment->gone) return Status{Errc::not_found};
    segment->file = opened;
  }
  directory.descriptors().keep(opened);
  // Whoever took the segment out of the log meanwhile may have looked for the descriptor before it was kept.
  const std::lock_guard lock(mutex);
  if (segment->gone) directory.descriptors().drop(opened);
  return opened;
}

void LogState::let_go(std::span<const std::shared_ptr<Segment>> segments_gone) {
  std::vector<std::shared_ptr<SegmentFile>> open;
  {
    const std::lock_guard lock(mutex);
    for (const auto& segment : segments_gone) {
      segment->gone = true;
      if (auto file = segment->file.lock()) open.push_back(std::move(file));
    }
  }
  for (const auto& file : open) directory.descriptors().drop(file);
}

Result<IndexView> LogState::index_of(const std::shared_ptr<Segment>& segment, SegmentFile& file, Patience patience) {
  std::shared_ptr<const IndexTail> index_tail;
  std::optional<IndexCounts> counts;
  {
    const std::lock_guard lock(mutex);
    if (segment->gone) return Status{Errc::not_found};
    index_tail = segment->tail;
    counts = segment->index_in_files;
  }
  if (index_tail && index_tail->in_files.offsets == 0 && index_tail->in_files.times == 0) return IndexView({}, std::move(index_tail), nullptr, nullptr, patience);
  // A missing index file is no failure: without entries a search begins at the start of the segment.
  const auto offset_file = file.offset_index(files, file_path(segment->base, file_names::offset_index), patience);
  const auto time_file = file.time_index(files, file_path(segment->base, file_names::time_index), patience);
  for (const auto* opened : {&offset_file, &time_file}) {
    if (!*opened && opened->why().code == Errc::would_wait) return opened->why();
  }
  const File* offsets = offset_file ? *offset_file : nullptr;
  const File* times = time_file ? *time_file : nullptr;
  if (!index_tail && !counts) {
    const auto offset_count = offsets == nullptr ? Result<uint32_t>(0u) : count_offset_entries(*offsets, patience);
    if (!offset_count) return offset_count.why();
    const auto time_count = times == nullptr ? Result<uint32_t>(0u) : count_time_entries(*times, patience);
    if (!time_count) return time_count.why();
    counts = IndexCounts{*offset_count, *time_count};
    const std::lock_guard lock(mutex);
    segment->index_in_files = counts;
  }
  return IndexView(counts.value_or(IndexCounts{}), std::move(index_tail), offsets, times, patience);
}

Result<MaxTimestamp> LogState::max_timestamp_of(const std::shared_ptr<Segment>& segment) {
  {
    const std::lock_guard lock(mutex);
    if (segment->max_timestamp) return *segment->max_timestamp;
  }
  const auto file = open_file(segment);
  if (!file) return file.why();
  const auto index = index_of(segment, **file);
  if (!index) return index.why();
  MaxTimestamp found{no_timestamp, segment->base};
  if (index->time_count() > 0) {
    const auto last = index->time_entry(index->time_count() - 1);
    if (!last) return last.why();
    found = {last->timestamp_ms, segment->base.plus(last->relative_offset)};
  }
  const std::lock_guard lock(mutex);
  segment->max_timestamp = found;
  return found;
}

Result<int64_t> LogState::largest_timestamp_of(const std::shared_ptr<Segment>& segment) {
  const auto found = max_timestamp_of(segment);
  if (!found) return found.why();
  if (found->timestamp_ms >= 0) return found->timestamp_ms;
  const auto facts = files.stat(file_path(segment->base, file_names::log));
  if (!facts) return facts.why();
  return facts->modified_ms;
}

Result<LogState::Found> LogState::find_batch(const std::shared_ptr<Segment>& segment, SegmentFile& file, uint64_t size, Offset offset, Patience patience) {
  const auto index = index_of(segment, file, patience);
  if (!index) return index.why();
  const int64_t relative = std::clamp<int64_t>(offset.value - segment->base.value, 0, INT32_MAX);
  const auto entry = index->floor_offset(static_cast<uint32_t>(relative));
  if (!entry) return entry.why();
  std::array<std::byte, scratch_bytes> scratch;
  bool trusted = !*entry;
  for (uint64_t begin = trusted ? 0 : (**entry).position;; begin = 0) {
    BatchWalk walk(file.file(), std::min(begin, size), size, BatchWalk::Depth::headers, scratch, patience);
    BatchWalk::Step step = walk.next();
    if (step == BatchWalk::Step::failed) return walk.status();
    // An entry names the last offset of the batch it points at; if that is not so, the index is wrong and the segment is walked.
    if (!trusted) {
      trusted = true;
      if (step != BatchWalk::Step::batch || walk.info().last_offset() != segment->base.value + (**entry).relative_offset) continue;
    }
    while (step == BatchWalk::Step::batch && walk.info().last_offset() < offset.value) step = walk.next();
    if (step == BatchWalk::Step::failed) return walk.status();
    if (step == BatchWalk::Step::bad) return Status{Errc::corrupt};
    if (step == BatchWalk::Step::end) return Found{size, std::nullopt};
    return Found{walk.position(), walk.info()};
  }
}

Status LogState::fail(Status why) {
  {
    const std::lock_guard lock(mutex);
    if (why_failed) why_failed = why;
  }
  failed.store(true, std::memory_order_release);
  directory.notice(NoticeLevel::error, path + " is closed after a failure (errno " + std::to_string(why.cause) + "); what was acknowledged as durable is on disk");
  return why;
}

std::shared_ptr<const LogConfig> LogState::current_config() const {
  const std::lock_guard lock(mutex);
  return config;
}

void LogState::new_jitter() {
  const auto current = current_config();
  const int64_t bound = std::min(current->segment_jitter_ms, current->segment_ms);
  jitter_ms = bound <= 0 ? 0 : static_cast<int64_t>(next_chance(chance) % static_cast<uint64_t>(bound));
}

LogSnapshot snapshot_of(const LogState& state) {
  const std::lock_guard lock(state.mutex);
  return {state.ends, state.segments};
}

size_t segment_at(const SegmentList& segments, Offset offset) {
  const auto above = std::upper_bound(segments.begin(), segments.end(), offset, [](Offset wanted, const auto& segment) { return wanted < segment->base; });
  return above == segments.begin() ? 0 : static_cast<size_t>(above - segments.begin()) - 1;
}

Status append_aborted(LogState& state, const std::shared_ptr<Segment>& segment, const CompletedTransaction& transaction) {
  auto file = state.files.open(state.file_path(segment->base, file_names::transaction_index), OpenMode::create);
  if (!file) return file.why();
  const auto size = (*file)->size();
  if (!size) return size.why();
  std::array<std::byte, aborted_entry_bytes> entry;
  write_aborted_entry({transaction.producer_id, transaction.first_offset, transaction.last_offset, transaction.last_stable_offset}, entry.data());
  // A torn entry of an earlier failure is written over.
  if (const WriteOutcome outcome = (*file)->write_at(*size - *size % aborted_entry_bytes, entry); !outcome) return outcome.status;
  const std::lock_guard lock(state.mutex);
  if (!segment->has_transaction_index) state.names_dirty = true;
  segment->has_transaction_index = true;
  segment->transaction_index_dirty = true;
  state.aborts_dirty = true;
  return {};
}

}  // namespace milena
