// What a lane does beside its drainers: retention, unlinking, and what compaction asks and hands over. While any of it is held up by the
// disk, appends, reads, openings and deletions go on, and a stop waits for no more than the call that is under way.
#include <algorithm>
#include <map>
#include <thread>

#include "plane/cleaning_codec.h"
#include "test/whole_plane.h"
#include "wire/record_parse.h"

using namespace milena;
using namespace milena::test;

namespace {

constexpr uint32_t cleaned_handle = 1;
constexpr uint32_t other_handle = 2;
constexpr int keys = 6;

using Contents = std::map<std::string, std::string>;

abi::LogConfig compacted() {
  abi::LogConfig config = default_config();
  config.compact = true;
  config.delete_ = false;
  config.segment_bytes = 2'000;
  config.index_interval_bytes = 200;
  return config;
}

abi::LogConfig retained() {
  abi::LogConfig config = default_config();
  config.segment_bytes = 200;  // two batches
  config.retention_bytes = 200;
  return config;
}

struct Kept {
  explicit Kept(const abi::LogConfig& config, CrashFileSystem* on = nullptr) : files(on != nullptr ? *on : own_files), plane(files, {}, &clock) {
    plane.lead(cleaned_handle, "topic", 0, true, config);
    plane.lead(other_handle, "other");
    CHECK_EQ(plane.led(cleaned_handle).error, 0);
    CHECK_EQ(plane.led(other_handle).error, 0);
    produce(plane, other_handle, acks_all, 1, owner);  // from here on a commit of it syncs nothing but its log
  }
  Lane& lane() { return plane.partitions->lane(0); }
  FaultHook& faults() { return files.faults(); }
  DeferredRemovals& removals() { return lane().directory().removals(); }
  void advance(int64_t by_ms) {
    clock.advance_ms(by_ms);
    lane().tick();
  }
  int64_t log_start() { return plane.at(cleaned_handle)->view().log_start.value; }
  abi::DoneEvent done(int64_t ticket) { return plane.events.answered(plane.events.dones, ticket); }

  // Whole batches from `from` to the high watermark, as main reads them.
  Buffer read(int64_t from) {
    plane.partitions->read({{cleaned_handle, 1}, from, 1 << 20, ++tickets});
    Events::Read event = plane.events.answered(plane.events.reads, tickets);
    CHECK_EQ(event.error, 0);
    return event.batches;
  }
  Contents contents() {
    Contents found;
    const int64_t end = plane.at(cleaned_handle)->high_watermark().value;
    for (int64_t at = log_start(); at < end;) {
      const Buffer bytes = read(at);
      if (bytes.empty()) break;  // nothing but a gap is left
      for (Bytes rest = bytes; !rest.empty();) {
        const auto info = parse_batch_header(rest);
        REQUIRE(info && batch_crc_matches(rest.first(info->size_bytes)));
        RecordCursor cursor(rest.subspan(batch_layout::header_size, info->size_bytes - batch_layout::header_size));
        RecordView record;
        while (cursor.next(record)) found[text_of(record.key)] = text_of(record.value);
        at = info->next_offset();
        rest = rest.subspan(info->size_bytes);
      }
    }
    return found;
  }
  static std::string text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

  void fill(int records) {
    std::vector<std::unique_ptr<TestAppend>> kept;
    for (int i = 0; i < records; i++) {
      BatchSpec spec = batch_of(1);
      spec.records[0].key = "key-" + std::to_string(i % keys);
      spec.records[0].value = "value " + std::to_string(filled++) + std::string(100, ' ');
      kept.push_back(make_append(owner, acks_all, spec));
      REQUIRE(is_placed(owner.place(*plane.at(cleaned_handle), *kept.back())));
    }
    owner.run_until(kept.size());
    for (const auto& append : kept) CHECK_EQ(append->error, KafkaError::none);
  }
  // What a client notices of a partition: it can write to it and read what it wrote.
  void goes_on(uint32_t handle, int16_t acks = acks_all) {
    const auto end_of = [&] {
      const PartitionView view = plane.at(handle)->view();
      return acks == acks_all ? view.high_watermark : view.log_end;
    };
    const Offset before = end_of();
    produce(plane, handle, acks, 5, owner);
    CHECK_EQ(end_of().value, before.value + 5);
    const auto range = plane.at(handle)->view().log->locate(before, end_of(), 1 << 20, true);
    CHECK(range && range->size > 0);
  }

  abi::PartitionDirt dirt(int64_t clean_end) {
    plane.partitions->dirt({++tickets, 0, clock.wall_ms(), {{{cleaned_handle, 1}, clean_end, 0, INT64_MAX}}});
    const abi::DirtyEvent event = plane.events.answered(plane.events.dirties, tickets);
    REQUIRE(event.partitions.size() == 1);
    return event.partitions[0];
  }
  // As a worker does it: from the bytes of a plan to the bytes of groups.
  std::vector<Buffer> clean() {
    const abi::PartitionDirt now = dirt(-1);
    CHECK_EQ(now.error, 0);
    plane.partitions->plan_cleaning({++tickets, {cleaned_handle, 1}, now.first_dirty, now.first_uncleanable});
    const Events::Plan plan = plane.events.answered(plane.events.plans, tickets);
    CHECK_EQ(plan.error, 0);
    abi::CleaningTask task;
    task.now_ms = clock.wall_ms();
    task.map_bytes_max = 1 << 20;
    task.map_load_percent = 90;
    const auto job = decode_job(plan.plan, task);
    REQUIRE(job);
    std::vector<Buffer> groups;
    const auto take = [&](const CleanedGroup& group) {
      groups.push_back(encode_group(group));
      return true;
    };
    LogCleaner cleaner(files, *job, {[] { return false; }, [](uint64_t) {}, take});
    CHECK(cleaner.run());
    CHECK(!groups.empty());
    return groups;
  }
  int64_t replace(Bytes group) {
    plane.partitions->replace_segments({++tickets, {cleaned_handle, 1}, group});
    return tickets;
  }
  size_t count_ending(const std::string& directory, std::string_view suffix) {
    const auto entries = files.list(directory);
    if (!entries) return 0;
    return static_cast<size_t>(std::count_if(entries->begin(), entries->end(), [&](const DirectoryEntry& entry) { return entry.name.ends_with(suffix); }));
  }

  CrashFileSystem own_files;
  CrashFileSystem& files;
  ManualClock clock{1'000'000};
  FakeOwner owner;
  Plane plane;
  int64_t tickets = 1'000;
  int filled = 0;
};

void a_held_unlink_holds_nobody() {
  Kept t(retained());
  produce(t.plane, cleaned_handle, acks_all, 20, t.owner);
  t.advance(300'000);
  wait_until_so([&] { return t.log_start() > 0 && t.removals().pending() > 3; });
  t.faults().hold(FileCall::remove);
  t.advance(60'000);
  wait_until_so([&] { return t.faults().waiting(FileCall::remove) == 1; });
  const uint64_t unlinks = t.faults().count(FileCall::remove);

  t.goes_on(cleaned_handle);
  t.goes_on(other_handle);
  t.plane.lead(3, "new");
  CHECK_EQ(t.plane.led(3).error, 0);
  t.goes_on(3);
  t.plane.partitions->drop({{3, 1}, 7});
  CHECK_EQ(t.done(7).error, 0);
  t.plane.lead(4, "new");  // behind the removal of the first
  CHECK_EQ(t.plane.led(4).log_end, 0);
  const int64_t start = t.log_start();
  produce(t.plane, cleaned_handle, acks_all, 20, t.owner);
  t.advance(300'000);
  wait_until_so([&] { return t.log_start() > start; });
  wait_until_so([&] { return t.lane().directory().checkpoint(Checkpoint::high_watermark, {"topic", 0}).value_or(Offset{0}) > Offset{20}; });

  // The first half of a stop does not wait for it, the second for no more than the call under way.
  t.plane.partitions->quiesce();
  CHECK_EQ(t.faults().count(FileCall::remove), unlinks);
  CHECK_EQ(t.faults().waiting(FileCall::remove), 1u);
  t.faults().release(FileCall::remove);
  t.plane.partitions->close();
  CHECK_EQ(t.faults().count(FileCall::remove), unlinks);
  CHECK(t.removals().pending() > 0);
}

void retention_held_at_its_renames_holds_nobody() {
  Kept t(retained());
  produce(t.plane, cleaned_handle, acks_all, 20, t.owner);
  t.faults().hold(FileCall::rename);
  t.advance(300'000);
  wait_until_so([&] { return t.log_start() > 0; });
  wait_until_so([&] { return t.faults().waiting(FileCall::rename) > 0; });
  // Nothing becomes durable on a disk that hangs, but drainers do not wait for it.
  t.goes_on(cleaned_handle, 1);
  t.goes_on(other_handle, 1);
  t.faults().release(FileCall::rename);
  wait_until_so([&] { return t.removals().pending() > 3; });
  t.plane.partitions->close();
}

void all_of_a_log_may_go() {
  abi::LogConfig config = retained();
  config.retention_bytes = -1;
  config.retention_ms = 1;
  Kept t(config);
  produce(t.plane, cleaned_handle, acks_all, 5, t.owner);
  t.advance(300'000);
  wait_until_so([&] { return t.log_start() == 5; });
  t.goes_on(cleaned_handle);
  t.plane.partitions->close();
}

void an_unlink_that_fails_is_tried_again_later() {
  Kept t(retained());
  produce(t.plane, cleaned_handle, acks_all, 20, t.owner);
  t.advance(300'000);
  wait_until_so([&] { return t.log_start() > 0; });
  until_kept(t.lane());
  const size_t pending = t.removals().pending();
  CHECK(pending > 3);
  t.faults().fail_call(FileCall::remove, 1, EIO, true);
  t.advance(60'000);
  wait_until_so([&] { return t.removals().pending() == pending && t.removals().next_due_ms() > t.clock.wall_ms(); });
  const uint64_t calls = t.faults().count(FileCall::remove);
  t.lane().tick();
  t.goes_on(cleaned_handle);
  CHECK_EQ(t.faults().count(FileCall::remove), calls);
  t.faults().clear();
  t.advance(removal_retry_ms);
  wait_until_so([&] { return t.removals().pending() == 0; });
  t.plane.partitions->close();
}

void cleaned_through_the_commands() {
  Kept t(compacted());
  t.fill(120);
  t.lane().group_commit().wait_idle();
  const Contents before = t.contents();
  CHECK_EQ(before.size(), static_cast<size_t>(keys));
  const abi::PartitionDirt dirty = t.dirt(-1);
  CHECK_EQ(dirty.first_dirty, 0);
  CHECK(dirty.first_uncleanable > 0 && dirty.first_uncleanable <= 120);
  CHECK_EQ(dirty.clean_bytes, 0);
  CHECK(dirty.cleanable_bytes > 0);
  const uint64_t size = t.plane.at(cleaned_handle)->view().log->size_bytes();
  for (const Buffer& group : t.clean()) CHECK_EQ(t.done(t.replace(group)).error, 0);
  CHECK(t.contents() == before);
  CHECK(t.plane.at(cleaned_handle)->view().log->size_bytes() < size / 2);
  const abi::PartitionDirt rest = t.dirt(dirty.first_uncleanable);
  CHECK_EQ(rest.first_dirty, dirty.first_uncleanable);
  CHECK(rest.clean_bytes > 0 && rest.clean_bytes < dirty.cleanable_bytes / 2);
  // Cleaned once more, over what is cleaned already.
  t.fill(120);
  const Contents after = t.contents();
  t.lane().group_commit().wait_idle();
  for (const Buffer& group : t.clean()) CHECK_EQ(t.done(t.replace(group)).error, 0);
  CHECK(t.contents() == after);
  CHECK_EQ(t.count_ending("/data/topic-0", ".cleaned") + t.count_ending("/data/topic-0", ".swap"), 0u);
  t.plane.partitions->close();
}

void refusals() {
  Kept t(compacted());
  t.fill(120);
  t.lane().group_commit().wait_idle();
  const std::vector<Buffer> groups = t.clean();
  const Contents before = t.contents();
  t.plane.partitions->replace_segments({1, {99, 1}, groups[0]});
  CHECK_EQ(t.done(1).error, code_of(KafkaError::unknown_topic_or_partition));
  t.plane.partitions->replace_segments({2, {cleaned_handle, 1}, Bytes(groups[0]).first(5)});
  CHECK_EQ(t.done(2).error, code_of(KafkaError::invalid_request));
  t.plane.partitions->plan_cleaning({3, {99, 1}, 0, 10});
  t.plane.partitions->dirt({4, 0, 0, {{{99, 1}, -1, 0, 0}}});
  t.plane.partitions->dirt({5, 99, 0, {}});
  t.plane.events.wait([&] { return t.plane.events.dirties.size() >= 3; });  // the first was clean()'s
  for (const Events::Plan& plan : t.plane.events.plans) {
    if (plan.ticket == 3) CHECK_EQ(plan.error, code_of(KafkaError::unknown_topic_or_partition));
  }
  // The second time the segments are no longer what the cleaner has seen.
  CHECK_EQ(t.done(t.replace(groups[0])).error, 0);
  auto twice = decode_group(groups[0]);
  REQUIRE(twice);
  twice->replaced.push_back(Offset{987});
  CHECK_EQ(t.done(t.replace(encode_group(*twice))).error, code_of(KafkaError::kafka_storage_error));
  CHECK(t.contents() == before);
  CHECK(!t.plane.at(cleaned_handle)->view().log->failed());
  t.plane.partitions->close();
}

// A hand-over that the disk holds up in the middle.
void a_held_swap_holds_nobody(FileCall kind) {
  Kept t(compacted());
  t.fill(120);
  t.lane().group_commit().wait_idle();
  const Contents before = t.contents();
  const std::vector<Buffer> groups = t.clean();
  t.faults().hold(kind);
  const int64_t ticket = t.replace(groups[0]);
  wait_until_so([&] { return t.faults().waiting(kind) > 0; });
  CHECK(t.contents() == before);
  t.goes_on(cleaned_handle, 1);
  t.goes_on(other_handle, 1);
  // Retention, the end of the partition's log and its deletion wait for it, and nobody waits for them.
  t.plane.partitions->drop({{cleaned_handle, 1}, 7});
  t.goes_on(other_handle, 1);
  t.plane.lead(3, "new");
  t.plane.lead(4, "topic");  // behind the removal
  t.faults().release(kind);
  CHECK_EQ(t.done(7).error, 0);
  CHECK_EQ(t.done(ticket).ticket, ticket);
  CHECK_EQ(t.plane.led(3).error, 0);
  CHECK_EQ(t.plane.led(4).log_end, 0);
  CHECK_EQ(t.count_ending("/data/topic-0", ".deleted"), 0u);
  CHECK_EQ(t.count_ending("/data", "-delete"), 1u);
  t.plane.partitions->close();
}

void killed_in_a_held_swap(FileCall kind) {
  CrashFileSystem files;
  Contents before;
  {
    Kept t(compacted(), &files);
    t.fill(120);
    t.lane().group_commit().wait_idle();
    before = t.contents();
    const std::vector<Buffer> groups = t.clean();
    t.faults().hold(kind);
    t.replace(groups[0]);
    wait_until_so([&] { return t.faults().waiting(kind) > 0; });
    files.kill_process();
    t.faults().release(kind);
  }
  Kept t(compacted(), &files);
  CHECK(t.contents() == before);
  CHECK_EQ(t.count_ending("/data/topic-0", ".cleaned") + t.count_ending("/data/topic-0", ".swap"), 0u);
  t.plane.partitions->close();
}

void a_stop_in_the_middle_of_a_swap() {
  CrashFileSystem files;
  Contents before;
  {
    Kept t(compacted(), &files);
    t.fill(120);
    t.lane().group_commit().wait_idle();
    before = t.contents();
    const std::vector<Buffer> groups = t.clean();
    t.faults().hold(FileCall::sync_directory);
    const int64_t ticket = t.replace(groups[0]);
    wait_until_so([&] { return t.faults().waiting(FileCall::sync_directory) > 0; });
    t.plane.partitions->quiesce();
    t.faults().release(FileCall::sync_directory);
    t.plane.partitions->close();
    CHECK_EQ(t.done(ticket).error, 0);
  }
  Kept t(compacted(), &files);
  CHECK(t.lane().directory().was_clean());
  CHECK(t.contents() == before);
  t.plane.partitions->close();
}

}  // namespace

int main() {
  a_held_unlink_holds_nobody();
  retention_held_at_its_renames_holds_nobody();
  all_of_a_log_may_go();
  an_unlink_that_fails_is_tried_again_later();
  cleaned_through_the_commands();
  refusals();
  for (const FileCall kind : {FileCall::rename, FileCall::sync_directory}) {
    a_held_swap_holds_nobody(kind);
    killed_in_a_held_swap(kind);
  }
  a_stop_in_the_middle_of_a_swap();
  return check_result();
}
