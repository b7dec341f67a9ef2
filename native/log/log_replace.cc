// Cleaned segments take the place of those they were made from. Kafka's steps (docs/data.md): `.cleaned` -> `.swap` says that the new files
// are complete; the old ones go; `.swap` loses its suffix. A start finishes what it finds begun. All of it beside the writer and the syncer:
// the segments are closed and durable, so neither touches their files, and what both see changes under the mutex, in one step.
#include <algorithm>

#include "log/file_names.h"
#include "log/log_state.h"
#include "log/partition_log.h"

namespace milena {
namespace {

constexpr std::string_view segment_suffixes[] = {file_names::log, file_names::offset_index, file_names::time_index, file_names::transaction_index};

Status rename_if_there(FileSystem& files, const std::string& from, const std::string& to) {
  const Status status = files.rename(from, to);
  return status.code == Errc::not_found ? Status{} : status;
}

Status remove_if_there(FileSystem& files, const std::string& path) {
  const Status status = files.remove(path);
  return status.code == Errc::not_found ? Status{} : status;
}

// A `.log.swap` that stays would take the place of later segments at the next start, so it must go first, or the log is closed.
Status give_up(LogState& state, Offset base, Status why) {
  if (const Status status = remove_if_there(state.files, state.file_path(base, file_names::log) + std::string(file_names::swap)); !status) return state.fail(status);
  for (const std::string_view suffix : segment_suffixes) {
    for (const std::string_view stage : {file_names::swap, file_names::cleaned}) {
      static_cast<void>(remove_if_there(state.files, state.file_path(base, suffix) + std::string(stage)));
    }
  }
  return why;
}

// All are complete; the log's own name says so last.
Status promise(LogState& state, Offset base) {
  for (size_t i = std::size(segment_suffixes); i-- > 0;) {
    const std::string name = state.file_path(base, segment_suffixes[i]);
    if (const Status status = rename_if_there(state.files, name + std::string(file_names::cleaned), name + std::string(file_names::swap)); !status) return status;
  }
  return state.files.sync_directory(state.path);
}

// The new files, opened by the names they have now.
Result<std::shared_ptr<SegmentFile>> open_swap(LogState& state, Offset base) {
  const auto name = [&](std::string_view suffix) { return state.file_path(base, suffix) + std::string(file_names::swap); };
  auto log = state.files.open(name(file_names::log), OpenMode::write);
  if (!log) return log.why();
  auto file = std::make_shared<SegmentFile>(std::move(*log));
  if (const auto index = file->offset_index(state.files, name(file_names::offset_index), Patience::waits); !index) return index.why();
  if (const auto index = file->time_index(state.files, name(file_names::time_index), Patience::waits); !index) return index.why();
  return file;
}

// Where the group's segments lie in the list; nullopt when they are no longer neighbours there, or not yet durable.
std::optional<size_t> find_group(const LogState& state, const SegmentList& segments, const CleanedGroup& group) {
  const auto first = std::find_if(segments.begin(), segments.end(), [&](const auto& segment) { return segment->base == group.replaced.front(); });
  const auto at = static_cast<size_t>(first - segments.begin());
  // The active one, always last, is never among them.
  if (at + group.replaced.size() >= segments.size()) return std::nullopt;
  for (size_t i = 0; i < group.replaced.size(); i++) {
    if (segments[at + i]->base != group.replaced[i]) return std::nullopt;
    for (const RolledSegment& rolled : state.rolled) {
      if (rolled.segment == segments[at + i]) return std::nullopt;
    }
  }
  return at;
}

std::shared_ptr<Segment> new_segment(const CleanedGroup& group) {
  auto segment = std::make_shared<Segment>(group.replaced.front());
  segment->size = group.size;
  segment->index_in_files = group.index;
  segment->max_timestamp = group.max_timestamp;
  segment->has_transaction_index = !group.aborted.empty();
  if (!group.aborted.empty()) segment->aborted = std::make_shared<const std::vector<AbortedEntry>>(group.aborted);
  return segment;
}

// The files change places. A failure leaves the rest to the next start.
Status swap_files(LogState& state, const CleanedGroup& group, int64_t now_ms) {
  const Offset base = group.replaced.front();
  for (const Offset old : group.replaced) {
    if (const Status status = state.remove_files_later(old, now_ms, old == base ? LogState::Removal::without_snapshot : LogState::Removal::with_snapshot); !status) return status;
  }
  for (const std::string_view suffix : segment_suffixes) {
    const std::string to = state.file_path(base, suffix);
    if (const Status status = rename_if_there(state.files, to + std::string(file_names::swap), to); !status) return status;
  }
  return state.files.sync_directory(state.path);
}

}  // namespace

Status PartitionLog::replace(const CleanedGroup& group, int64_t now_ms) {
  LogState& state = *state_;
  const std::lock_guard keeping(state.keeper_role);
  if (state.failed.load(std::memory_order_acquire) || state.closed.load(std::memory_order_acquire)) return {Errc::closed};
  const Offset base = group.replaced.front();
  std::shared_ptr<const SegmentList> list;
  std::optional<size_t> at;
  {
    const std::lock_guard lock(state.mutex);
    list = state.segments;
    at = find_group(state, *list, group);
  }
  if (!at) return give_up(state, base, {Errc::not_found});
  // Gaps between offsets are no damage where everything was durable, whatever the topic's policy is by the next start.
  const Offset end = (*list)[*at + group.replaced.size()]->base;
  if (state.directory.checkpoint(Checkpoint::recovery_point, state.partition).value_or(Offset{0}) < end) {
    if (const Status status = state.directory.merge_checkpoint(Checkpoint::recovery_point, {{state.partition, recovery_point()}}); !status) {
      return give_up(state, base, status);
    }
  }
  if (const Status status = promise(state, base); !status) return give_up(state, base, status);
  const auto file = open_swap(state, base);
  if (!file) return give_up(state, base, file.why());

  // Readers change over first. Those that hold an old file read on in it; nobody opens one by its name any more.
  const std::shared_ptr<Segment> segment = new_segment(group);
  segment->file = *file;
  SegmentList gone;
  {
    const std::lock_guard lock(state.mutex);
    // A roll may have added to the list meanwhile; whatever else changes it waits for keeper_role.
    auto changed = std::make_shared<SegmentList>(*state.segments);
    const auto begin = changed->begin() + static_cast<std::ptrdiff_t>(*at);
    const auto behind = begin + static_cast<std::ptrdiff_t>(group.replaced.size());
    gone.assign(begin, behind);
    for (const auto& old : gone) old->gone = true;
    *begin = segment;
    changed->erase(begin + 1, behind);
    state.segments = std::move(changed);
    state.hints.clear();
  }
  state.let_go(gone);
  const Status status = swap_files(state, group, now_ms);
  if (!status) return state.fail(status);
  state.directory.descriptors().keep(*file);
  const std::lock_guard lock(state.mutex);
  segment->aborted.reset();
  return {};
}

}  // namespace milena
