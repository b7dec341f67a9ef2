// The power-cut test of the log: N seeds, each a chain of lives of one log on a disk that loses power (os/crash_file_system.h).
//   power_cut_main [--seeds N] [--first SEED] [--mutants]
// N is MILENA_POWER_CUT_SEEDS or 500 by default. --mutants breaks the log on purpose, one way at a time (log/mutation.h), and requires
// that the oracle notices every one within the seeds.
#include <atomic>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "log/mutation.h"
#include "test/power_cut.h"

namespace milena::test {

PowerCut::PowerCut(uint64_t seed) : chance_(seed) {
  LogConfig& config = *test_.config;
  config.segment_bytes = static_cast<uint32_t>(400 + roll_dice(4000));
  config.index_interval_bytes = static_cast<uint32_t>(roll_dice(500));
  config.segment_ms = one_in(3) ? 500 : config.segment_ms;
  config.segment_jitter_ms = one_in(2) ? 100 : 0;
  config.retention_ms = -1;
  config.retention_bytes = one_in(4) ? 3000 : -1;
}

bool PowerCut::wrong(const std::string& what) {
  if (problem_.empty()) problem_ = what;
  return false;
}

std::optional<std::string> PowerCut::run() {
  for (int life = 0; life < 8; life++) {
    if (live()) continue;
    std::string text = "life " + std::to_string(life) + ": " + problem_;
    for (const std::string& notice : test_.notices) text += "\n  " + notice;
    return text;
  }
  return std::nullopt;
}

bool PowerCut::live() {
  doomed_ = false;
  if (!open_and_check()) return false;
  // The power may go again at once: what recovery reported as the flushed end has to be durable.
  if (one_in(4)) {
    test_.lose_power(chance_);
    if (!open_and_check()) return false;
  }
  epoch_++;
  if (!test_.log->begin_epoch(LeaderEpoch{epoch_})) return wrong("begin_epoch failed");
  if (one_in(3)) {
    // From some call on nothing works any more, as when the machine stops in the middle of something.
    constexpr FileCall kinds[] = {FileCall::write, FileCall::sync, FileCall::sync_directory, FileCall::open, FileCall::rename, FileCall::truncate};
    test_.disk.faults().fail_call(kinds[roll_dice(std::size(kinds))], 1 + roll_dice(20), EIO, true, roll_dice(300));
  }
  const uint64_t acts = roll_dice(40);
  for (uint64_t i = 0; i < acts && !doomed_ && problem_.empty(); i++) act();
  if (!problem_.empty()) return false;
  end_life();
  return problem_.empty();
}

void PowerCut::act() {
  clock_ms_ += static_cast<int64_t>(roll_dice(100));
  const uint64_t what = roll_dice(100);
  if (what < 50) {
    append_some();
  } else if (what < 72) {
    doomed_ = !test_.log->sync(roll_dice(4) == 0 ? SyncScope::completed_segments : SyncScope::everything);
  } else if (what < 80) {
    sync_beside_appends();
  } else if (what < 86) {
    doomed_ = !test_.checkpoint();
  } else if (what < 89) {
    truncate();
  } else if (what < 92) {
    doomed_ = !test_.log->roll(clock_ms_, true);
  } else if (what < 95) {
    const Offset flushed = test_.log->ends().flushed_end.offset;
    if (flushed.value == 0) return;
    const Offset start{static_cast<int64_t>(roll_dice(static_cast<uint64_t>(flushed.value)))};
    if (test_.log->delete_before(start, clock_ms_)) deleted_ = std::max(deleted_, test_.log->ends().log_start);
  } else if (what < 98) {
    doomed_ = !retain(*test_.log, clock_ms_, test_.log->ends().flushed_end.offset);
    deleted_ = std::max(deleted_, test_.log->ends().log_start);
    test_.directory->removals().run_due(INT64_MAX);
  } else {
    test_.log->trim();
    if (!test_.log->trim()) doomed_ = !test_.log->sync_names();
  }
  if (test_.log->failed()) doomed_ = true;
  else acknowledged_ = std::max(acknowledged_, test_.log->ends().flushed_end.offset);
}

BatchSpec PowerCut::next_batch() {
  if (!sent_before_.empty() && one_in(8)) return sent_before_[roll_dice(sent_before_.size())];
  BatchSpec spec = spec_of(1 + roll_dice(4), roll_dice(60), clock_ms_ - static_cast<int64_t>(roll_dice(200)));
  for (TestRecord& record : spec.records) record.value = sample_text(chance_, roll_dice(80));
  if (one_in(3)) return spec;
  spec.producer_id = static_cast<int64_t>(roll_dice(5));
  Producer& producer = producers_[spec.producer_id];
  if (one_in(20)) producer = {static_cast<int16_t>(producer.epoch + 1), 0};
  spec.producer_epoch = producer.epoch;
  spec.base_sequence = producer.next_sequence + (one_in(15) ? 3 : 0);
  return spec;
}

// Several batches in one gather. What was answered as stored, or may be on disk after a failure, becomes part of the story.
void PowerCut::append_some() {
  std::deque<Sent> sent;
  std::vector<AppendEntry*> entries;
  std::vector<BatchSpec> specs;
  const uint64_t count = 1 + roll_dice(5);
  for (uint64_t i = 0; i < count; i++) {
    specs.push_back(next_batch());
    sent.emplace_back(specs.back());
    entries.push_back(&sent.back().entry);
    // The client goes on as if all were well; it is put right below.
    const BatchSpec& spec = specs.back();
    if (spec.producer_id >= 0 && spec.base_sequence == producers_[spec.producer_id].next_sequence && spec.producer_epoch == producers_[spec.producer_id].epoch) {
      producers_[spec.producer_id].next_sequence += static_cast<int32_t>(spec.records.size());
    }
  }
  const Status status = test_.log->append(entries, LeaderEpoch{epoch_}, clock_ms_);
  take_answers(sent, static_cast<bool>(status));
  for (const BatchSpec& spec : specs) {
    if (spec.producer_id >= 0) sent_before_.push_back(spec);
  }
  if (sent_before_.size() > 40) sent_before_.erase(sent_before_.begin(), sent_before_.end() - 40);
  doomed_ = !status;
}

void PowerCut::take_answers(const std::deque<Sent>& sent, bool written) {
  for (const Sent& batch : sent) {
    const BatchInfo stamped = *parse_batch_header(batch.bytes);
    if (batch.entry.duplicate) {
      // An answer to a resent batch: the same records must be at that offset, if they have not been deleted.
      for (const Stored& stored : story_) {
        if (stored.info.base_offset == batch.entry.base_offset.value && (stored.info.producer_id != stamped.producer_id || stored.info.base_sequence != stamped.base_sequence)) {
          wrong("a batch was called a duplicate of another one at offset " + std::to_string(stored.info.base_offset));
        }
      }
      continue;
    }
    const bool stored = batch.entry.error == KafkaError::none;
    const bool perhaps = !written && batch.entry.error == KafkaError::kafka_storage_error && stamped.leader_epoch == epoch_;
    if (!stored && !perhaps) continue;
    if (stored && batch.entry.base_offset != end_of_story()) {
      wrong("offset " + std::to_string(batch.entry.base_offset.value) + " was given out, not " + std::to_string(end_of_story().value));
    }
    if (stamped.base_offset == end_of_story().value) {
      if (stored && stamped.producer_id >= 0) {
        for (const Stored& older : story_) {
          const bool same = older.info.producer_id == stamped.producer_id && older.info.producer_epoch == stamped.producer_epoch && older.info.base_sequence == stamped.base_sequence;
          if (same && Offset{older.info.base_offset} >= deleted_) wrong("a batch of one producer and sequence was stored twice");
        }
      }
      story_.push_back({batch.bytes, stamped});
    }
  }
}

// A sync that is under way while more is appended must not vouch for that.
void PowerCut::sync_beside_appends() {
  if (!test_.log->needs_sync()) return;
  FaultHook& faults = test_.disk.faults();
  faults.hold_syncs();
  std::atomic<bool> done{false};
  Status status;
  std::thread syncer([&] {
    status = test_.log->sync();
    done.store(true, std::memory_order_release);
  });
  while (faults.syncs_waiting() == 0 && !done.load(std::memory_order_acquire)) std::this_thread::yield();
  append_some();
  faults.release_syncs();
  syncer.join();
  doomed_ = doomed_ || !status;
}

void PowerCut::truncate() {
  const LogEnds ends = test_.log->ends();
  std::vector<size_t> boundaries;
  for (size_t i = 0; i < story_.size(); i++) {
    if (story_[i].info.base_offset >= ends.log_start.value) boundaries.push_back(i);
  }
  if (boundaries.empty()) return;
  const size_t keep = boundaries[roll_dice(boundaries.size())];
  const Offset to{story_[keep].info.base_offset};
  acknowledged_ = std::min(acknowledged_, to);
  const Status status = test_.log->truncate_to(to);
  doomed_ = !status;
  if (status) story_.resize(keep);
}

void PowerCut::end_life() {
  // What a failing machine has written is as uncertain as after a power cut.
  test_.disk.faults().clear();
  const uint64_t how = doomed_ ? 0 : roll_dice(4);
  if (how == 3) {
    if (!test_.stop_cleanly()) {
      wrong("an orderly stop failed");
      return;
    }
    acknowledged_ = end_of_story();
    if (one_in(2)) test_.lose_power(chance_);
    return;
  }
  if (how == 2 && acknowledged_ <= end_of_story()) test_.kill();
  else test_.lose_power(chance_);
}

bool PowerCut::open_and_check() {
  test_.notices.clear();
  test_.failure.clear();
  if (const Status status = test_.open(); !status) return wrong("open failed: " + test_.failure);
  return check_recovered() && check_files() && check_producers() && (test_.directory->was_clean() || one_in(2) || check_again_changes_nothing());
}

bool PowerCut::check_recovered() {
  const LogEnds ends = test_.log->ends();
  const Offset end = ends.log_end.offset;
  if (end < acknowledged_) return wrong("offsets below " + std::to_string(acknowledged_.value) + " were durable, recovered to " + std::to_string(end.value));
  if (ends.flushed_end.offset != end) return wrong("the recovered end is not flushed");
  if (ends.log_start > deleted_) return wrong("log start moved to " + std::to_string(ends.log_start.value));
  while (!story_.empty() && story_.back().info.next_offset() > end.value) story_.pop_back();
  if (end != end_of_story()) return wrong("log end " + std::to_string(end.value) + " is between batches that were appended");
  const Buffer wanted = bytes_between(ends.log_start, end);
  if (test_.read(ends.log_start, end) != wanted) return wrong("the records read are not those that were appended");
  acknowledged_ = end;
  return true;
}

Buffer PowerCut::bytes_between(Offset from, Offset to) const {
  Buffer bytes;
  for (const Stored& stored : story_) {
    if (stored.info.next_offset() > from.value && stored.info.base_offset < to.value) bytes.insert(bytes.end(), stored.bytes.begin(), stored.bytes.end());
  }
  return bytes;
}

std::map<std::string, Buffer> PowerCut::files() {
  std::map<std::string, Buffer> found;
  const auto entries = test_.disk.list(test_.log->path());
  for (const DirectoryEntry& entry : *entries) found[entry.name] = read_all(test_.disk, test_.log->path() + "/" + entry.name);
  return found;
}

// The files hold the story and nothing else, and their index entries name its batches.
bool PowerCut::check_files() {
  const auto found = files();
  Buffer all;
  std::optional<int64_t> first;
  for (const auto& [name, bytes] : found) {
    if (!name.ends_with(".log")) continue;
    const int64_t base = std::stoll(name.substr(0, 20));
    if (!first) first = base;
    all.insert(all.end(), bytes.begin(), bytes.end());
    if (!check_index(base, bytes)) return false;
  }
  if (!first) return wrong("no segment");
  if (all != bytes_between(Offset{*first}, end_of_story())) return wrong("the segment files hold other bytes than were appended");
  return true;
}

bool PowerCut::check_index(int64_t base, const Buffer& log) {
  const auto entries = read_all(test_.disk, test_.path(base, ".index"));
  if (entries.size() % 8 != 0) return wrong("an index of " + std::to_string(entries.size()) + " bytes");
  for (size_t at = 0; at < entries.size(); at += 8) {
    const auto last = base + load<int32_t>(entries.data() + at);
    const auto position = load<uint32_t>(entries.data() + at + 4);
    const auto info = position < log.size() ? parse_batch_header(Bytes(log).subspan(position)) : Result<BatchInfo>(Status{Errc::corrupt});
    if (!info || info->last_offset() != last) return wrong("an index entry of segment " + std::to_string(base) + " names no batch");
  }
  const auto times = read_all(test_.disk, test_.path(base, ".timeindex"));
  if (times.size() % 12 != 0) return wrong("a time index of " + std::to_string(times.size()) + " bytes");
  for (size_t at = 12; at < times.size(); at += 12) {
    if (load<int64_t>(times.data() + at) <= load<int64_t>(times.data() + at - 12)) return wrong("a time index that does not rise");
  }
  return true;
}

// Every producer whose last batch is in the log is known with it, and none other is known from nowhere.
bool PowerCut::check_producers() {
  std::map<int64_t, const BatchInfo*> last;
  for (const Stored& stored : story_) {
    if (stored.info.producer_id >= 0) last[stored.info.producer_id] = &stored.info;
  }
  for (const ProducerView& view : test_.log->producers()) {
    const auto found = last.find(view.producer_id.value);
    if (found == last.end()) return wrong("producer " + std::to_string(view.producer_id.value) + " is known without a batch");
    if (found->second->last_sequence() != view.last_sequence || found->second->producer_epoch != view.producer_epoch) {
      return wrong("producer " + std::to_string(view.producer_id.value) + " is known with sequence " + std::to_string(view.last_sequence) + ", not " +
                   std::to_string(found->second->last_sequence()));
    }
    producers_[view.producer_id.value] = {view.producer_epoch, view.last_sequence + 1};
    last.erase(found);
  }
  for (const auto& [producer_id, info] : last) {
    // What lay below the highest log start ever may be missing from a snapshot of that time.
    if (info->base_offset >= deleted_.value) return wrong("producer " + std::to_string(producer_id) + " was forgotten");
    producers_.erase(producer_id);
  }
  std::erase_if(producers_, [&](const auto& producer) {
    for (const ProducerView& view : test_.log->producers()) {
      if (view.producer_id.value == producer.first) return false;
    }
    return true;
  });
  return true;
}

bool PowerCut::check_again_changes_nothing() {
  const auto before = files();
  const LogEnds ends = test_.log->ends();
  test_.kill();
  if (!test_.open()) return wrong("the second open failed: " + test_.failure);
  if (test_.log->ends().log_end.offset != ends.log_end.offset) return wrong("the second recovery found another end");
  const auto after = files();
  for (const auto& [name, bytes] : before) {
    const auto found = after.find(name);
    if (found == after.end()) return wrong("the second recovery removed " + name);
    if (found->second != bytes) return wrong("the second recovery changed " + name);
  }
  if (after.size() != before.size()) return wrong("the second recovery made a file");
  return check_producers();
}

namespace {

constexpr std::pair<Mutation, const char*> mutations[] = {
    {Mutation::no_crc_check, "no CRC check"},           {Mutation::no_truncation, "no truncation"},
    {Mutation::answer_before_sync, "answer before sync"}, {Mutation::watermark_past_sync, "high watermark past the sync"},
    {Mutation::no_duplicate_check, "no duplicate check"}, {Mutation::index_trusted, "index trusted blindly"},
};

bool run_seeds(uint64_t first, uint64_t count) {
  for (uint64_t seed = first; seed < first + count; seed++) {
    if (const auto problem = PowerCut(seed).run()) {
      std::printf("seed %" PRIu64 ": %s\n", seed, problem->c_str());
      return false;
    }
  }
  std::printf("power cut: %" PRIu64 " seeds from %" PRIu64 " ok\n", count, first);
  return true;
}

bool kill_mutants(uint64_t first, uint64_t count) {
  bool all = true;
  for (const auto& [mutation, name] : mutations) {
    active_mutation.store(mutation);
    std::optional<std::string> problem;
    uint64_t seed = first;
    for (; seed < first + count && !problem; seed++) problem = PowerCut(seed).run();
    if (problem) std::printf("mutant \"%s\" killed by seed %" PRIu64 ": %s\n", name, seed - 1, problem->c_str());
    else std::printf("mutant \"%s\" SURVIVED %" PRIu64 " seeds\n", name, count);
    all = all && problem;
  }
  active_mutation.store(Mutation::none);
  return all;
}

}  // namespace
}  // namespace milena::test

int main(int argc, char** argv) {
  const char* wanted = std::getenv("MILENA_POWER_CUT_SEEDS");
  uint64_t seeds = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 500;
  uint64_t first = 1;
  bool mutants = false;
  for (int i = 1; i < argc; i++) {
    if (std::strcmp(argv[i], "--mutants") == 0) mutants = true;
    else if (std::strcmp(argv[i], "--seeds") == 0 && i + 1 < argc) seeds = std::strtoull(argv[++i], nullptr, 10);
    else if (std::strcmp(argv[i], "--first") == 0 && i + 1 < argc) first = std::strtoull(argv[++i], nullptr, 10);
    else return std::fprintf(stderr, "power_cut_main [--seeds N] [--first SEED] [--mutants]\n"), EXIT_FAILURE;
  }
  const bool ok = mutants ? milena::test::kill_mutants(first, seeds) : milena::test::run_seeds(first, seeds);
  return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
