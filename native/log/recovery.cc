#include "log/recovery.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "log/batch_walk.h"
#include "log/file_names.h"
#include "log/mutation.h"

namespace milena {
namespace {

constexpr uint64_t progress_step_bytes = 64u << 20;
constexpr uint64_t search_window_bytes = 1u << 20;
constexpr uint64_t copy_window_bytes = 1u << 20;

// Whether the file at `path` holds exactly these bytes of `file`. Errc::not_found when there is none.
Result<bool> same_bytes(FileSystem& files, const std::string& path, const File& file, uint64_t from, uint64_t size) {
  const auto other = files.open(path, OpenMode::read);
  if (!other) return other.why();
  const auto other_size = (*other)->size();
  if (!other_size) return other_size.why();
  if (*other_size != size) return false;
  std::vector<std::byte> here(std::min(size, copy_window_bytes));
  std::vector<std::byte> there(here.size());
  for (uint64_t at = 0; at < size;) {
    const auto take = static_cast<size_t>(std::min<uint64_t>(size - at, here.size()));
    const auto got_here = file.read_at(from + at, MutableBytes(here).first(take));
    if (!got_here) return got_here.why();
    const auto got_there = (*other)->read_at(at, MutableBytes(there).first(take));
    if (!got_there) return got_there.why();
    if (*got_here != take || *got_there != take || !std::equal(here.begin(), here.begin() + static_cast<std::ptrdiff_t>(take), there.begin())) return false;
    at += take;
  }
  return true;
}

Status copy_bytes(FileSystem& files, const std::string& path, const File& file, uint64_t from, uint64_t size) {
  auto copy = files.open(path, OpenMode::create_new);
  if (!copy) return copy.why();
  std::vector<std::byte> window(std::min(size, copy_window_bytes));
  for (uint64_t at = 0; at < size;) {
    const auto got = file.read_at(from + at, MutableBytes(window).first(static_cast<size_t>(std::min<uint64_t>(size - at, window.size()))));
    if (!got) return got.why();
    if (*got == 0) return {Errc::corrupt};
    if (const WriteOutcome outcome = (*copy)->write_at(at, Bytes(window).first(*got)); !outcome) return outcome.status;
    at += *got;
  }
  return (*copy)->sync();
}

}  // namespace

void Recovery::report_progress(uint64_t bytes) {
  const uint64_t before = bytes_done_ / progress_step_bytes;
  bytes_done_ += bytes;
  if (options_.progress && bytes_done_ / progress_step_bytes != before) options_.progress(bytes_done_, bytes_total_);
}

// Above the recovery point a log that is not compacted has no gaps: what comes after one was written by nobody, or later than what is lost.
bool Recovery::acceptable(const Segment& segment, const BatchInfo& info, Bytes bytes, Offset next) const {
  if (info.base_offset < next.value || info.last_offset() - segment.base.value > std::numeric_limits<int32_t>::max()) return false;
  if (info.base_offset > next.value && next >= recovery_point_ && !state_.config->compact) return false;
  return mutated(Mutation::no_crc_check) || batch_crc_matches(bytes);
}

Result<Recovery::Scan> Recovery::scan(const std::shared_ptr<Segment>& segment, SegmentFile& file, Offset next) {
  auto tail = std::make_shared<IndexTail>(IndexCounts{});
  MaxTimestamp max{no_timestamp, segment->base};
  int64_t last_time_ms = no_timestamp;
  uint64_t last_entry_at = 0;
  if (mutated(Mutation::index_trusted)) {
    const auto index = state_.index_of(segment, file);
    if (index && index->offset_count() > 0) {
      if (const auto last = index->offset_entry(index->offset_count() - 1); last && last->position < segment->size) {
        BatchWalk named(file.file(), last->position, segment->size, BatchWalk::Depth::headers);
        if (named.next() == BatchWalk::Step::batch) return Scan{named.next_position(), false, segment->base.plus(last->relative_offset).next()};
      }
    }
  }
  BatchWalk walk(file.file(), 0, segment->size, BatchWalk::Depth::whole);
  Scan result{0, false, next};
  for (;;) {
    const BatchWalk::Step step = walk.next();
    if (step == BatchWalk::Step::failed) return walk.status();
    if (step == BatchWalk::Step::end) break;
    if (step == BatchWalk::Step::bad || !acceptable(*segment, walk.info(), walk.bytes(), result.next)) {
      result.bad = true;
      break;
    }
    if (options_.cancel != nullptr && options_.cancel->load(std::memory_order_relaxed)) return Status{Errc::cancelled};
    const BatchInfo& info = walk.info();
    if (info.max_timestamp > max.timestamp_ms) max = {info.max_timestamp, Offset{info.last_offset()}};
    if (result.good_bytes - last_entry_at > state_.config->index_interval_bytes) {
      tail->offsets.push({static_cast<uint32_t>(info.last_offset() - segment->base.value), static_cast<uint32_t>(result.good_bytes)});
      if (max.timestamp_ms > last_time_ms) {
        tail->times.push({max.timestamp_ms, static_cast<uint32_t>(max.offset.value - segment->base.value)});
        last_time_ms = max.timestamp_ms;
      }
      last_entry_at = result.good_bytes;
    }
    result.good_bytes = walk.next_position();
    result.next = Offset{info.next_offset()};
    if (info.leader_epoch > state_.epochs.latest().value) state_.epochs.assign(LeaderEpoch{info.leader_epoch}, Offset{info.base_offset});
    report_progress(info.size_bytes);
  }
  if (max.timestamp_ms > last_time_ms) tail->times.push({max.timestamp_ms, static_cast<uint32_t>(max.offset.value - segment->base.value)});
  const std::lock_guard lock(state_.mutex);
  segment->max_timestamp = max;
  segment->tail = std::move(tail);
  return result;
}

Status Recovery::report_rot(const Segment& segment, uint64_t position, Offset offset, const char* what) {
  failure_ = state_.file_path(segment.base, file_names::log) + " at byte " + std::to_string(position) + ", offset " + std::to_string(offset.value) + ": " + what +
             "; nothing was changed and the partition stays offline";
  state_.directory.notice(NoticeLevel::error, failure_);
  return {Errc::corrupt};
}

// A tail that may be cut, or a loss?
Status Recovery::judge(size_t i, SegmentFile& file, const Scan& scan) {
  const SegmentList& segments = *state_.segments;
  const Segment& segment = *segments[i];
  if (scan.next < recovery_point_) {
    return report_rot(segment, scan.good_bytes, scan.next, "a bad batch below the recovery point, where everything was durable");
  }
  if (!same_boot_) return {};
  auto good = good_batch_behind(file, scan.good_bytes + 1, segment.size, scan.next);
  for (size_t later = i + 1; good && !*good && later < segments.size(); later++) {
    const auto later_file = state_.open_file(segments[later]);
    if (!later_file) return later_file.why();
    good = good_batch_behind(**later_file, 0, segments[later]->size, scan.next);
  }
  if (!good) return good.why();
  if (*good) return report_rot(segment, scan.good_bytes, scan.next, "a bad batch in front of good ones although only the process had died");
  return {};
}

// Whether a good batch of later offsets begins anywhere from byte `from` on.
Result<bool> Recovery::good_batch_behind(const SegmentFile& file, uint64_t from, uint64_t size, Offset next) {
  std::vector<std::byte> window;
  std::vector<std::byte> candidate;
  for (uint64_t at = from; at + batch_layout::header_size <= size; at += search_window_bytes) {
    // The windows overlap by a header, so that none is cut in two.
    window.resize(std::min<uint64_t>(search_window_bytes + batch_layout::header_size - 1, size - at));
    const auto got = file.read_at(at, window);
    if (!got) return got.why();
    for (size_t i = 0; i + batch_layout::header_size <= *got; i++) {
      if (window[i + batch_layout::magic] != std::byte{batch_layout::magic_v2}) continue;
      const auto info = parse_batch_header(Bytes(window).subspan(i, batch_layout::header_size));
      if (!info || info->size_bytes > size - at - i || info->base_offset < next.value || info->last_offset_delta < 0) continue;
      candidate.resize(info->size_bytes);
      const auto whole = file.read_at(at + i, candidate);
      if (!whole) return whole.why();
      if (*whole == candidate.size() && batch_crc_matches(candidate)) return true;
    }
    if (options_.cancel != nullptr && options_.cancel->load(std::memory_order_relaxed)) return Status{Errc::cancelled};
  }
  return false;
}

// Copies what is about to be cut into `<segment>.log.torn-<offset>`. A copy that is there already is from a recovery that did not
// finish, unless it differs; then the next free name is taken.
Status Recovery::keep_torn_bytes(const Segment& segment, const SegmentFile& file, const Scan& scan) {
  const std::string name = state_.file_path(segment.base, file_names::log) + ".torn-" + std::to_string(scan.next.value);
  const uint64_t size = segment.size - scan.good_bytes;
  std::string path = name;
  for (int copy = 2;; copy++) {
    const auto same = same_bytes(state_.files, path, file.file(), scan.good_bytes, size);
    if (same && *same) break;
    if (!same && same.why().code != Errc::not_found) return same.why();
    if (!same) {
      if (const Status status = copy_bytes(state_.files, path, file.file(), scan.good_bytes, size); !status) return status;
      break;
    }
    path = name + "-" + std::to_string(copy);
  }
  state_.directory.notice(NoticeLevel::warn, state_.file_path(segment.base, file_names::log) + " ends in " + std::to_string(size) +
                                                 " bytes that were never durable; cut at byte " + std::to_string(scan.good_bytes) + ", offset " +
                                                 std::to_string(scan.next.value) + ", kept in " + path);
  return {};
}

// Segments wholly behind the cut: their bytes are kept too, under a name that is no segment's. From the last on, so that a crash in
// between leaves a log that is judged the same way.
Status Recovery::remove_segments_from(size_t i, Offset torn_at) {
  const SegmentList segments = *state_.segments;
  for (size_t later = segments.size(); later-- > i;) {
    const Offset base = segments[later]->base;
    for (const std::string_view suffix : {file_names::offset_index, file_names::time_index, file_names::transaction_index}) {
      const Status status = state_.files.remove(state_.file_path(base, suffix));
      if (!status && status.code != Errc::not_found) return status;
    }
    const std::string path = state_.file_path(base, file_names::log);
    const std::string kept = path + ".torn-" + std::to_string(torn_at.value);
    const Status status = segments[later]->size == 0 ? state_.files.remove(path) : state_.files.rename(path, kept);
    if (!status) return status;
    if (segments[later]->size > 0) state_.directory.notice(NoticeLevel::warn, path + " lies behind the end of the log and was never durable; kept as " + kept);
  }
  const std::lock_guard lock(state_.mutex);
  state_.segments = std::make_shared<const SegmentList>(segments.begin(), segments.begin() + static_cast<std::ptrdiff_t>(i));
  return {};
}

Status Recovery::cut(size_t i, SegmentFile& file, const Scan& scan) {
  const std::shared_ptr<Segment> segment = (*state_.segments)[i];
  if (i + 1 < state_.segments->size()) {
    if (const Status status = remove_segments_from(i + 1, scan.next); !status) return status;
  }
  if (scan.good_bytes < segment->size) {
    if (const Status status = keep_torn_bytes(*segment, file, scan); !status) return status;
    if (!mutated(Mutation::no_truncation)) {
      if (const Status status = file.file().truncate(scan.good_bytes); !status) return status;
    }
  }
  const std::lock_guard lock(state_.mutex);
  segment->size = static_cast<uint32_t>(scan.good_bytes);
  return {};
}

// The rebuilt index goes to its files, and all of it to the disk. A segment that is not the active one lets go of its entries.
Status Recovery::finish(const std::shared_ptr<Segment>& segment, SegmentFile& file, bool active) {
  const std::shared_ptr<IndexTail> tail = segment->tail ? segment->tail : std::make_shared<IndexTail>(IndexCounts{});
  if (const Status status = write_index_files(state_.files, state_.file_path(segment->base, file_names::offset_index),
                                              state_.file_path(segment->base, file_names::time_index), *tail, {}, tail->total(), true, !active);
      !status) {
    return status;
  }
  tail->written = tail->total();
  if (unsynced_) {
    if (const Status status = file.file().sync(); !status) return status;
  }
  const std::lock_guard lock(state_.mutex);
  segment->index_in_files = tail->total();
  segment->tail = active ? std::make_shared<IndexTail>(tail->total()) : nullptr;
  return {};
}

Status Recovery::rebuild_index(const std::shared_ptr<Segment>& segment) {
  const auto file = state_.open_file(segment);
  if (!file) return file.why();
  const auto result = scan(segment, **file, segment->base);
  if (!result) return result.why();
  if (result->bad) return report_rot(*segment, result->good_bytes, result->next, "a bad batch in a segment that was closed");
  return finish(segment, **file, false);
}

Status Recovery::run() {
  // The segment that ends at the recovery point too: it may have been rolled after that was written, and its index not be durable.
  const size_t first = segment_at(*state_.segments, Offset{recovery_point_.value - 1});
  first_read_ = (*state_.segments)[first]->base;
  for (size_t i = first; i < state_.segments->size(); i++) bytes_total_ += (*state_.segments)[i]->size;
  // What is read tells its epochs itself; the checkpoint may speak of batches that are gone.
  state_.epochs.truncate_from_end(first_read_);
  Offset next = first_read_;
  for (size_t i = first; i < state_.segments->size(); i++) {
    const std::shared_ptr<Segment> segment = (*state_.segments)[i];
    // A segment that begins later than the one before it ends: the end of that one was lost, so this one was not durable either.
    if (i > first && segment->base > next && next >= recovery_point_ && !state_.config->compact) {
      const auto before = state_.open_file((*state_.segments)[i - 1]);
      if (!before) return before.why();
      unsynced_ = true;
      const Scan end{(*state_.segments)[i - 1]->size, true, next};
      if (const Status status = judge(i - 1, **before, end); !status) return status;
      if (const Status status = remove_segments_from(i, next); !status) return status;
      break;
    }
    const auto file = state_.open_file(segment);
    if (!file) return file.why();
    const auto result = scan(segment, **file, std::max(next, segment->base));
    if (!result) return result.why();
    next = result->next;
    if (!result->bad) {
      const std::lock_guard lock(state_.mutex);
      segment->size = static_cast<uint32_t>(result->good_bytes);
      continue;
    }
    unsynced_ = true;
    if (const Status status = judge(i, **file, *result); !status) return status;
    if (const Status status = cut(i, **file, *result); !status) return status;
    break;
  }
  const SegmentList& segments = *state_.segments;
  if (next < recovery_point_) return report_rot(*segments.back(), segments.back()->size, next, "the log ends below the recovery point, up to which everything was durable");
  unsynced_ = unsynced_ || next > recovery_point_;
  for (size_t i = first; i < segments.size(); i++) {
    const auto file = state_.open_file(segments[i]);
    if (!file) return file.why();
    if (const Status status = finish(segments[i], **file, i + 1 == segments.size()); !status) return status;
  }
  const std::lock_guard lock(state_.mutex);
  // The names of a log that had nothing to lose may not be durable either; they will be with its first sync.
  if (unsynced_) state_.names_dirty = true;
  else state_.metadata_dirty = true;
  state_.ends.log_end = {next, segments.back()->base, segments.back()->size};
  return {};
}

}  // namespace milena
