#include "log/log_cleaner.h"

#include <algorithm>
#include <cerrno>
#include <limits>

#include "log/batch_walk.h"
#include "log/cleaned_segment.h"
#include "log/file_names.h"

namespace milena {
namespace {

// Notes the keys of one data batch; stops when the map is full.
class MapBuilder final : public KeyVisitor {
 public:
  MapBuilder(LatestOffsets& map, Offset first_dirty) : map_(map), first_dirty_(first_dirty) {}
  bool visit(int64_t offset, const Digest128* key, bool) override {
    if (key == nullptr || offset < first_dirty_.value) return true;
    full = !map_.note(*key, offset);
    if (full) stopped_at = Offset{offset};
    return !full;
  }
  bool full = false;
  Offset stopped_at;  // the record that did not fit

 private:
  LatestOffsets& map_;
  const Offset first_dirty_;
};

}  // namespace

std::string LogCleaner::log_path(const CleanableSegment& segment) const { return job_.path + "/" + file_names::of_segment(segment.base, file_names::log); }

Status LogCleaner::rot(const CleanableSegment& segment, uint64_t position, const char* what) {
  failure_ = log_path(segment) + " at byte " + std::to_string(position) + ": " + what;
  return {Errc::corrupt};
}

// What is written anew gets a new CRC: damage must not become part of it.
Status LogCleaner::check(Bytes batch, const CleanableSegment& segment, uint64_t position) {
  return batch_crc_matches(batch) ? Status{} : rot(segment, position, "the CRC of a batch is wrong");
}

Result<std::vector<AbortedEntry>> LogCleaner::aborted_transactions() const {
  std::vector<AbortedEntry> all;
  for (const CleanableSegment& segment : job_.segments) {
    if (!segment.has_transaction_index) continue;
    const auto entries = read_transaction_index(files_, job_.path + "/" + file_names::of_segment(segment.base, file_names::transaction_index));
    if (!entries) return entries.why();
    all.insert(all.end(), entries->begin(), entries->end());
  }
  return all;
}

Status LogCleaner::map_segment(const CleanableSegment& segment, Offset end, LatestOffsets& map, CleanedTransactions& transactions, CodecScratch& scratch) {
  const auto file = files_.open(log_path(segment), OpenMode::read);
  if (!file) return file.why();
  std::vector<AbortedEntry> ignored;
  BatchWalk walk(**file, 0, segment.size, BatchWalk::Depth::whole);
  for (;;) {
    const BatchWalk::Step step = walk.next();
    if (step == BatchWalk::Step::end) break;
    if (step == BatchWalk::Step::failed) return walk.status();
    if (step == BatchWalk::Step::bad) return rot(segment, walk.position(), "there is no batch where one should begin");
    if (callbacks_.cancelled()) return {Errc::cancelled};
    const BatchInfo& info = walk.info();
    // An open transaction begins here: whether its records replace others is not decided.
    if (info.base_offset >= job_.first_uncleanable.value) break;
    callbacks_.pace(info.size_bytes);
    outcome_.bytes_read += info.size_bytes;
    if (info.last_offset() < job_.first_dirty.value) continue;
    if (const Status status = check(walk.bytes(), segment, walk.position()); !status) return status;
    if (info.control()) {
      static_cast<void>(transactions.marker_is_spent(info, walk.bytes(), ignored));
    } else if (!transactions.aborted(info)) {
      MapBuilder builder(map, job_.first_dirty);
      if (const Status status = visit_keys(walk.bytes(), info, map.secret(), scratch, builder); !status) {
        return status.code == Errc::corrupt ? rot(segment, walk.position(), "the records of a batch cannot be read") : status;
      }
      if (builder.full) {
        outcome_.map_full = true;
        outcome_.clean_end = std::max(outcome_.clean_end, builder.stopped_at);
        return {};
      }
    }
    outcome_.clean_end = std::max(outcome_.clean_end, Offset{info.next_offset()});
  }
  outcome_.clean_end = std::max(outcome_.clean_end, end);
  return {};
}

Status LogCleaner::build_map(LatestOffsets& map, const std::vector<AbortedEntry>& aborted) {
  CleanedTransactions transactions(aborted);
  CodecScratch scratch;
  outcome_.clean_end = job_.first_dirty;
  for (size_t i = 0; i < job_.segments.size() && !outcome_.map_full; i++) {
    const CleanableSegment& segment = job_.segments[i];
    const Offset next = i + 1 < job_.segments.size() ? job_.segments[i + 1].base : job_.first_uncleanable;
    if (next <= job_.first_dirty) continue;
    if (segment.base >= job_.first_uncleanable) break;
    if (const Status status = map_segment(segment, std::min(next, job_.first_uncleanable), map, transactions, scratch); !status) return status;
  }
  outcome_.keys = map.size();
  return {};
}

// Neighbours that fit into one new segment together, by the sizes they have now.
std::vector<std::vector<CleanableSegment>> LogCleaner::group() const {
  std::vector<std::vector<CleanableSegment>> groups;
  uint64_t bytes = 0;
  uint64_t index_bytes = 0;
  uint64_t time_index_bytes = 0;
  for (size_t i = 0; i < job_.segments.size(); i++) {
    const CleanableSegment& segment = job_.segments[i];
    if (segment.base >= outcome_.clean_end) break;
    const Offset end = i + 1 < job_.segments.size() ? std::min(job_.segments[i + 1].base, job_.first_uncleanable) : job_.first_uncleanable;
    const bool joins = !groups.empty() && bytes + segment.size <= job_.segment_bytes && index_bytes + segment.index_bytes <= job_.segment_index_bytes &&
                       time_index_bytes + segment.time_index_bytes <= job_.segment_index_bytes &&
                       end.value - 1 - groups.back().front().base.value <= std::numeric_limits<int32_t>::max();
    if (!joins) {
      groups.emplace_back();
      bytes = index_bytes = time_index_bytes = 0;
    }
    groups.back().push_back(segment);
    bytes += segment.size;
    index_bytes += segment.index_bytes;
    time_index_bytes += segment.time_index_bytes;
  }
  return groups;
}

Status LogCleaner::copy_segment(const CleanableSegment& segment, BatchCleaner& cleaner, CleanedSegment& to) {
  const auto file = files_.open(log_path(segment), OpenMode::read);
  if (!file) return file.why();
  BatchWalk walk(**file, 0, segment.size, BatchWalk::Depth::whole);
  std::vector<AbortedEntry> aborted;
  for (;;) {
    const BatchWalk::Step step = walk.next();
    if (step == BatchWalk::Step::end) return {};
    if (step == BatchWalk::Step::failed) return walk.status();
    if (step == BatchWalk::Step::bad) return rot(segment, walk.position(), "there is no batch where one should begin");
    if (callbacks_.cancelled()) return {Errc::cancelled};
    callbacks_.pace(walk.info().size_bytes);
    outcome_.bytes_read += walk.info().size_bytes;
    if (const Status status = check(walk.bytes(), segment, walk.position()); !status) return status;
    aborted.clear();
    const auto kept = cleaner.clean(walk.bytes(), walk.info(), aborted);
    if (!kept) return rot(segment, walk.position(), "the records of a batch cannot be read");
    to.aborted(aborted);
    outcome_.records_removed += static_cast<uint64_t>(kept->removed);
    if (kept->bytes.empty()) continue;
    callbacks_.pace(kept->bytes.size());
    if (const Status status = to.append(kept->bytes, kept->info); !status) return status;
  }
}

Status LogCleaner::clean_group(const std::vector<CleanableSegment>& segments, BatchCleaner& cleaner) {
  CleanedSegment to(files_, job_.path, segments.front().base, job_.index_interval_bytes);
  Status status = to.begin();
  for (size_t i = 0; status && i < segments.size(); i++) {
    outcome_.bytes_before += segments[i].size;
    status = copy_segment(segments[i], cleaner, to);
  }
  if (status) status = to.finish();
  if (status) status = files_.sync_directory(job_.path);
  if (!status) {
    to.discard();
    return status;
  }
  outcome_.bytes_after += to.size();
  CleanedGroup group{{}, static_cast<uint32_t>(to.size()), to.index_counts(), to.max_timestamp(), to.aborted_entries()};
  for (const CleanableSegment& segment : segments) group.replaced.push_back(segment.base);
  return callbacks_.cleaned(group) ? Status{} : Status{Errc::cancelled};
}

Result<CleaningOutcome> LogCleaner::run() {
  const auto aborted = aborted_transactions();
  if (!aborted) return aborted.why();
  const auto dirty_offsets = static_cast<uint64_t>(std::max<int64_t>(job_.first_uncleanable.value - job_.first_dirty.value, 0));
  LatestOffsets map(job_.map_bytes_max, dirty_offsets, job_.map_load_factor, job_.secret);
  if (!map.usable()) {
    failure_ = "there is no memory for the map of keys (log.cleaner.dedupe.buffer.size)";
    return Status::io(ENOMEM);
  }
  if (const Status status = build_map(map, *aborted); !status) return status;
  const CleaningRules rules{job_.now_ms, job_.delete_retention_ms, Offset{outcome_.clean_end.value - 1}, job_.first_uncleanable};
  CleanedTransactions transactions(*aborted);
  BatchCleaner cleaner(rules, map, job_.producers, transactions);
  for (const auto& segments : group()) {
    if (const Status status = clean_group(segments, cleaner); !status) return status;
  }
  return outcome_;
}

}  // namespace milena
