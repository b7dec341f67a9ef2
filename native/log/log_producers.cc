// Producer state from snapshot files and the batches behind them.
#include <algorithm>

#include "log/batch_walk.h"
#include "log/file_names.h"
#include "log/log_state.h"
#include "log/producer_snapshot.h"
#include "os/whole_file.h"

namespace milena {
namespace {

// Loads the latest good snapshot at or below `snapshot_max`; bad ones, and those above `end`, are removed. Returns the offset it is as
// of, log start when there is none.
Result<Offset> load_snapshot(LogState& state, Offset end, Offset snapshot_max, int64_t now_ms) {
  const auto entries = state.files.list(state.path);
  if (!entries) return entries.why();
  std::vector<Offset> offsets;
  for (const DirectoryEntry& entry : *entries) {
    const auto offset = file_names::offset_of(entry.name, file_names::snapshot);
    if (!offset || entry.is_directory) continue;
    // As Kafka: one at or below log start says nothing that is still needed, one above the end belongs to what was cut off.
    if (*offset <= end && *offset > state.ends.log_start) {
      if (*offset <= snapshot_max) offsets.push_back(*offset);
    } else if (const Status status = state.files.remove(state.file_path(*offset, file_names::snapshot)); !status && status.code != Errc::not_found) {
      return status;
    }
  }
  std::sort(offsets.begin(), offsets.end());
  const int64_t expiration_ms = state.current_config()->producer_id_expiration_ms;
  for (; !offsets.empty(); offsets.pop_back()) {
    const std::string path = state.file_path(offsets.back(), file_names::snapshot);
    const auto bytes = read_whole(state.files, path);
    if (!bytes && bytes.why().code == Errc::io) return bytes.why();
    const auto producers = bytes ? parse_producer_snapshot(*bytes) : Result<std::vector<std::pair<int64_t, ProducerEntry>>>(bytes.why());
    if (!producers) {
      state.directory.notice(NoticeLevel::warn, path + " is not a producer snapshot; it is removed and the log read instead");
      if (const Status status = state.files.remove(path); !status && status.code != Errc::not_found) return status;
      continue;
    }
    for (const auto& [producer_id, entry] : *producers) {
      if (entry.transaction_start >= 0 || now_ms - entry.last_timestamp_ms < expiration_ms) state.producers.load(producer_id, entry);
    }
    return offsets.back();
  }
  return state.ends.log_start;
}

// Takes the batches of one segment from `from` to `end` into the producer state.
Status replay_segment(LogState& state, const std::shared_ptr<Segment>& segment, Offset from, Offset end, bool rebuild_aborted) {
  const auto file = state.open_file(segment);
  if (!file) return file.why();
  uint64_t begin = 0;
  if (from > segment->base) {
    const auto found = state.find_batch(segment, **file, segment->size, from);
    if (!found) return found.why();
    begin = found->position;
  }
  BatchWalk walk((*file)->file(), begin, segment->size, BatchWalk::Depth::headers);
  for (;;) {
    const BatchWalk::Step step = walk.next();
    if (step == BatchWalk::Step::end) return {};
    if (step == BatchWalk::Step::failed) return walk.status();
    if (step == BatchWalk::Step::bad) return {Errc::corrupt};
    const BatchInfo& info = walk.info();
    if (info.base_offset >= end.value) return {};
    if (!info.has_producer_id()) continue;
    Bytes bytes;
    if (info.control()) {
      const auto whole = walk.whole();
      if (!whole) return whole.why();
      bytes = *whole;
    }
    state.producers.stage(info, bytes, AppendOrigin::client, Offset{info.base_offset}, true);
    for (const CompletedTransaction& transaction : state.producers.commit()) {
      if (!rebuild_aborted || !transaction.aborted) continue;
      if (const Status status = append_aborted(state, segment, transaction); !status) return status;
    }
  }
}

}  // namespace

Status LogState::reload_producers(Offset end, Offset snapshot_max, int64_t now_ms, std::optional<Offset> rebuild_from) {
  producers.clear();
  const auto as_of = load_snapshot(*this, end, snapshot_max, now_ms);
  if (!as_of) return as_of.why();
  snapshot_offset = *as_of;
  const auto list = snapshot_of(*this).segments;
  for (const auto& segment : *list) {
    if (!rebuild_from || segment->base < *rebuild_from || !segment->has_transaction_index) continue;
    if (const Status status = files.remove(file_path(segment->base, file_names::transaction_index)); !status && status.code != Errc::not_found) return status;
    const std::lock_guard lock(mutex);
    segment->has_transaction_index = false;
  }
  for (size_t i = segment_at(*list, *as_of); i < list->size() && (*list)[i]->base < end; i++) {
    const std::shared_ptr<Segment>& segment = (*list)[i];
    const bool rebuild = rebuild_from && segment->base >= *rebuild_from;
    if (const Status status = replay_segment(*this, segment, std::max(*as_of, segment->base), end, rebuild); !status) return status;
  }
  producers.expire(now_ms, current_config()->producer_id_expiration_ms);
  return {};
}

}  // namespace milena
