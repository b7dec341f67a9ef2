// Opening a log: from a directory to numbers, through recovery when the last stop was not a clean one.
#include <algorithm>

#include "log/batch_walk.h"
#include "log/file_names.h"
#include "log/log_state.h"
#include "log/partition_log.h"
#include "log/producer_snapshot.h"
#include "log/recovery.h"
#include "log/segment_listing.h"
#include "os/whole_file.h"

namespace milena {
namespace {

class Opening {
 public:
  Opening(LogState& state, const PartitionLogOptions& options) : state_(state), options_(options) {}
  Status run();
  const std::string& failure() const { return failure_; }

 private:
  Status settle_directory(bool& is_new);
  Status make_new();
  Status make_first_segment(Offset base);
  Status load_epochs();
  Status rebuild_epochs();
  Status open_empty(Offset recovery_point);
  Status take_segments(const std::vector<ListedSegment>& listed);
  Status open_clean();
  Status recover();
  Status start_over_at_log_start();
  Status open_active();
  std::string in_directory(const char* name) const { return state_.path + "/" + name; }

  LogState& state_;
  const PartitionLogOptions& options_;
  bool epochs_lost_ = false;
  std::vector<bool> index_missing_;
  std::string failure_;
};

// Makes the directory, or sees that it belongs to the topic. One that belongs to an older topic of the name is set aside.
Status Opening::settle_directory(bool& is_new) {
  is_new = !state_.files.exists(state_.path);
  if (!is_new && !options_.topic_id.is_zero()) {
    const auto text = read_text(state_.files, in_directory(file_names::partition_metadata));
    if (!text && text.why().code != Errc::not_found) return text.why();
    const auto topic_id = text ? parse_partition_metadata(*text) : Result<TopicId>(Status{Errc::not_found});
    if (topic_id && *topic_id != options_.topic_id) {
      if (const Status status = state_.directory.set_aside(state_.partition, *topic_id); !status) return status;
      is_new = true;
    } else if (!topic_id) {
      const std::string metadata = format_partition_metadata(options_.topic_id);
      if (const Status status = replace_file(state_.files, in_directory(file_names::partition_metadata), bytes_of(metadata)); !status) return status;
      state_.names_dirty = true;
    }
  }
  return {};
}

Status Opening::make_new() {
  // What the checkpoints say is about another log of this name.
  for (size_t i = 0; i < checkpoint_kinds; i++) {
    const auto which = static_cast<Checkpoint>(i);
    if (!state_.directory.checkpoint(which, state_.partition)) continue;
    if (const Status status = state_.directory.merge_checkpoint(which, {}, {state_.partition}); !status) return status;
  }
  if (const Status status = state_.files.make_directory(state_.path); !status) return status;
  if (!options_.topic_id.is_zero()) {
    const std::string metadata = format_partition_metadata(options_.topic_id);
    if (const Status status = write_whole(state_.files, in_directory(file_names::partition_metadata), bytes_of(metadata), false); !status) return status;
  }
  const Status status = make_first_segment(Offset{0});
  // The directory held no index before, and none that is longer can come back: a hundred thousand logs that were only made would cost a
  // stop twice as many syncs.
  state_.index_unsynced = false;
  return status;
}

// The only segment of an empty log, index files included.
Status Opening::make_first_segment(Offset base) {
  state_.metadata_dirty = true;
  state_.ends.log_end.offset = base;
  state_.snapshot_offset = base;
  if (const Status status = state_.make_segment(base, options_.now_ms); !status) return status;
  state_.ends.flushed_end = state_.ends.log_end;
  // Nobody writes it yet, and a process does not get descriptors for a hundred thousand of them.
  state_.active_file.reset();
  return write_index_files(state_.files, state_.file_path(base, file_names::offset_index), state_.file_path(base, file_names::time_index), *state_.tail, {}, {}, true,
                           false);
}

Status Opening::load_epochs() {
  const auto text = read_text(state_.files, in_directory(file_names::leader_epochs));
  if (!text) return text.why().code == Errc::not_found ? Status{} : text.why();
  auto entries = parse_epoch_checkpoint(*text);
  if (entries) {
    state_.epochs.replace(std::move(*entries));
    return {};
  }
  epochs_lost_ = true;
  return {};
}

Status Opening::take_segments(const std::vector<ListedSegment>& listed) {
  auto list = std::make_shared<SegmentList>();
  for (const ListedSegment& facts : listed) {
    auto segment = std::make_shared<Segment>(facts.base);
    segment->size = static_cast<uint32_t>(facts.size);
    segment->has_transaction_index = facts.has_transaction_index;
    list->push_back(std::move(segment));
    index_missing_.push_back(!facts.has_offset_index || !facts.has_time_index);
  }
  const Offset checkpointed = state_.directory.checkpoint(Checkpoint::log_start, state_.partition).value_or(Offset{0});
  state_.ends.log_start = listed.empty() ? checkpointed : std::max(checkpointed, listed.front().base);
  state_.segments = std::move(list);
  return {};
}

// Everything was closed in order. The end is looked for behind the last index entry; if it is not where the file ends, all is in doubt.
Status Opening::open_clean() {
  Recovery rebuild(state_, options_, Offset{0}, false);
  for (size_t i = 0; i < index_missing_.size(); i++) {
    if (!index_missing_[i]) continue;
    if (const Status status = rebuild.rebuild_index((*state_.segments)[i]); !status) {
      failure_ = rebuild.failure();
      return status;
    }
  }
  const std::shared_ptr<Segment> active = state_.segments->back();
  const auto file = state_.open_file(active);
  if (!file) return file.why();
  const auto index = state_.index_of(active, **file);
  if (!index) return index.why();
  Offset next = active->base;
  uint64_t begin = 0;
  if (index->offset_count() > 0) {
    const auto last = index->offset_entry(index->offset_count() - 1);
    if (!last) return last.why();
    const auto found = state_.find_batch(active, **file, active->size, active->base.plus(last->relative_offset));
    if (!found) return found.why();
    begin = found->position;
  }
  BatchWalk walk((*file)->file(), begin, active->size, BatchWalk::Depth::headers);
  BatchWalk::Step step = walk.next();
  for (; step == BatchWalk::Step::batch; step = walk.next()) next = Offset{walk.info().next_offset()};
  if (step == BatchWalk::Step::failed) return walk.status();
  if (step == BatchWalk::Step::bad) return {Errc::corrupt};
  state_.ends.log_end = {next, active->base, active->size};
  return {};
}

Status Opening::recover() {
  const Offset recovery_point = state_.directory.checkpoint(Checkpoint::recovery_point, state_.partition).value_or(Offset{0});
  Recovery recovery(state_, options_, recovery_point, state_.directory.same_boot(state_.partition));
  if (const Status status = recovery.run(); !status) {
    failure_ = recovery.failure();
    return status;
  }
  // Segments below the recovery point were not looked at; their indexes were synced before it moved past them.
  for (size_t i = 0; i < state_.segments->size() && (*state_.segments)[i]->base < recovery.first_read(); i++) {
    if (!index_missing_[i]) continue;
    if (const Status status = recovery.rebuild_index((*state_.segments)[i]); !status) {
      failure_ = recovery.failure();
      return status;
    }
  }
  state_.ends.flushed_end = state_.ends.log_end;
  const Offset end = state_.ends.log_end.offset;
  if (const Status status = state_.reload_producers(end, recovery.first_read(), options_.now_ms, recovery.first_read()); !status) return status;
  if (end <= state_.snapshot_offset || state_.producers.size() == 0) return {};
  // So that the next recovery, and one behind it, need not read as far back.
  if (const Status status = state_.write_snapshot(end, format_producer_snapshot(state_.producers.entries())); !status) return status;
  state_.snapshot_offset = end;
  return {};
}

// Everything below the log start was deleted, and what was left above it did not survive. As Kafka: an empty log from there.
Status Opening::start_over_at_log_start() {
  state_.directory.notice(NoticeLevel::warn, state_.path + " ends at offset " + std::to_string(state_.ends.log_end.offset.value) + ", below its log start " +
                                                 std::to_string(state_.ends.log_start.value) + "; it starts over there");
  const std::shared_ptr<const SegmentList> old = state_.segments;
  state_.segments = std::make_shared<const SegmentList>();
  for (const auto& segment : *old) {
    if (const Status status = state_.remove_files_later(segment->base, options_.now_ms); !status) return status;
  }
  state_.producers.clear();
  return make_first_segment(state_.ends.log_start);
}

Status Opening::open_active() {
  const std::shared_ptr<Segment> active = state_.segments->back();
  const auto file = state_.open_file(active);
  if (!file) return file.why();
  if (!active->tail) {
    const auto index = state_.index_of(active, **file);
    if (!index) return index.why();
    const std::lock_guard lock(state_.mutex);
    active->tail = std::make_shared<IndexTail>(IndexCounts{index->offset_count(), index->time_count()});
  }
  // A running Kafka preallocates; what it left behind its entries goes, so that ours follow them.
  const IndexCounts counts = active->tail->total();
  if (const Status status = write_index_files(state_.files, state_.file_path(active->base, file_names::offset_index),
                                              state_.file_path(active->base, file_names::time_index), *active->tail, counts, counts, true, false);
      !status) {
    return status;
  }
  state_.set_active(active);
  state_.created_ms = options_.now_ms;
  state_.new_jitter();
  return state_.load_marks(active, **file, active->size, false);
}

// Batches carry their epochs; recovery has looked only at the last segments.
Status Opening::rebuild_epochs() {
  state_.epochs.replace({});
  for (const auto& segment : *state_.segments) {
    const auto file = state_.open_file(segment);
    if (!file) return file.why();
    BatchWalk walk((*file)->file(), 0, segment->size, BatchWalk::Depth::headers);
    while (walk.next() == BatchWalk::Step::batch) {
      if (walk.info().leader_epoch > state_.epochs.latest().value) state_.epochs.assign(LeaderEpoch{walk.info().leader_epoch}, Offset{walk.info().base_offset});
    }
    if (!walk.status()) return walk.status();
  }
  return {};
}

// A directory without a segment, as a crash right after its creation leaves it.
Status Opening::open_empty(Offset recovery_point) {
  if (recovery_point > state_.ends.log_start) {
    failure_ = state_.path + " holds no segment although it was durable up to offset " + std::to_string(recovery_point.value);
    state_.directory.notice(NoticeLevel::error, failure_);
    return {Errc::corrupt};
  }
  return make_first_segment(state_.ends.log_start);
}

Status Opening::run() {
  bool is_new = false;
  if (const Status status = settle_directory(is_new); !status) return status;
  if (is_new) return make_new();
  const auto listed = list_segments(state_.files, state_.path);
  if (!listed) return listed.why();
  if (const Status status = load_epochs(); !status) return status;
  if (const Status status = take_segments(*listed); !status) return status;
  const Offset recovery_point = state_.directory.checkpoint(Checkpoint::recovery_point, state_.partition).value_or(Offset{0});
  if (listed->empty()) return open_empty(recovery_point);
  bool clean = state_.directory.was_clean();
  if (clean) {
    const Status status = open_clean();
    if (!status && (status.code != Errc::corrupt || !failure_.empty())) return status;
    clean = status && state_.ends.log_end.offset >= recovery_point;
  }
  if (clean) {
    state_.index_unsynced = std::find(index_missing_.begin(), index_missing_.end(), true) != index_missing_.end();
    state_.ends.flushed_end = state_.ends.log_end;
    if (const Status status = state_.reload_producers(state_.ends.log_end.offset, state_.ends.log_end.offset, options_.now_ms); !status) return status;
  } else {
    if (const Status status = recover(); !status) return status;
  }
  if (epochs_lost_ && !state_.holds_nothing()) {
    state_.directory.notice(NoticeLevel::warn, in_directory(file_names::leader_epochs) + " is not a checkpoint file; the log is read instead");
    if (const Status status = rebuild_epochs(); !status) return status;
  }
  state_.epochs.truncate_from_end(state_.ends.log_end.offset);
  // The file of such a log was never synced (note_epoch_of_nothing).
  if (state_.holds_nothing()) state_.epochs.replace({});
  if (state_.ends.log_end.offset < state_.ends.log_start) return start_over_at_log_start();
  state_.epochs.truncate_from_start(state_.ends.log_start);
  return open_active();
}

}  // namespace

Result<std::unique_ptr<PartitionLog>> PartitionLog::open(LogDirectory& directory, PartitionLogOptions options) {
  auto state = std::make_unique<LogState>(directory, options.partition, options.config, options.jitter_seed);
  Opening opening(*state, options);
  Status status = opening.run();
  // What a clean stop has left is in order; an epoch checkpoint that is longer than the log is put right with the next sync.
  if (status && (state->names_dirty || state->epochs.file_lacks(state->ends.log_end.offset))) status = state->write_epochs();
  // A recovered end counts as durable only after this.
  if (status && state->names_dirty && !state->metadata_dirty) {
    status = state->files.sync_directory(state->path);
    if (status) status = state->files.sync_directory(directory.path());
    state->names_dirty = false;
  }
  if (!status) {
    if (options.failure != nullptr) *options.failure = opening.failure().empty() ? state->path + " cannot be opened (errno " + std::to_string(status.cause) + ")" : opening.failure();
    return status;
  }
  directory.recovered(options.partition);
  // Nobody has asked for its records yet; who does opens it again.
  if (const auto file = state->active().file.lock()) directory.descriptors().drop(file);
  return std::unique_ptr<PartitionLog>(new PartitionLog(std::move(state)));
}

}  // namespace milena
