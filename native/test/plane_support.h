// Owners, a lane without threads and a sink for the tests of the plane.
#pragma once
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "os/crash_file_system.h"
#include "plane/event_sink.h"
#include "plane/partition.h"
#include "test/batch_builder.h"
#include "test/check.h"

namespace milena::test {

inline constexpr auto deadline = std::chrono::seconds(60);  // of waiting for an event that must come

// Looks until `is_so`, for what no event tells of.
template <class Condition>
void wait_until_so(Condition is_so) {
  const auto until = std::chrono::steady_clock::now() + deadline;
  while (!is_so()) {
    REQUIRE(std::chrono::steady_clock::now() < until);
    std::this_thread::yield();
  }
}

// An append with its own bytes.
struct TestAppend : Append {
  uint64_t number = 0;
};

inline std::unique_ptr<TestAppend> make_append(Owner& owner, int16_t acks, const BatchSpec& spec = {}) {
  auto bytes = std::make_shared<Buffer>(build_batch(spec));
  auto append = std::make_unique<TestAppend>();
  append->batch = *bytes;
  append->info = *parse_batch_header(*bytes);
  append->payload = std::move(bytes);
  append->owner = &owner;
  append->acks = acks;
  return append;
}

inline BatchSpec batch_of(size_t records, size_t value_bytes = 1) {
  BatchSpec spec;
  spec.records.assign(records, TestRecord{});
  for (TestRecord& record : spec.records) record.value = std::string(value_bytes, 'x');
  return spec;
}

// Keeps what it is told; the test looks or waits.
class FakeOwner : public Owner {
 public:
  explicit FakeOwner(bool may_drain_here = true) : may_drain_(may_drain_here) {}

  void completed(Append* append) override {
    const std::lock_guard lock(mutex_);
    completed_.push_back(append);
    changed_.notify_all();
  }
  void wake(FetchWaiter* waiter) override {
    const std::lock_guard lock(mutex_);
    woken_.push_back(waiter);
    changed_.notify_all();
  }
  void room(SpaceWaiter* waiter) override {
    const std::lock_guard lock(mutex_);
    rooms_.push_back(waiter);
    changed_.notify_all();
  }
  void take_drain(std::shared_ptr<Partition> partition) override {
    const std::lock_guard lock(mutex_);
    drains_.push_back(std::move(partition));
    changed_.notify_all();
  }
  bool may_drain() const override { return may_drain_; }

  std::vector<Append*> take_completed() { return take(completed_); }
  std::vector<FetchWaiter*> take_woken() { return take(woken_); }
  std::vector<SpaceWaiter*> take_rooms() { return take(rooms_); }
  std::vector<std::shared_ptr<Partition>> take_drains() { return take(drains_); }

  // Drains what this owner was given, as its thread would, until `count` batches are completed.
  std::vector<Append*> run_until(size_t count) {
    std::vector<Append*> done;
    const auto until = std::chrono::steady_clock::now() + deadline;
    while (done.size() < count) {
      std::vector<std::shared_ptr<Partition>> drains;
      {
        std::unique_lock lock(mutex_);
        REQUIRE(changed_.wait_until(lock, until, [&] { return !completed_.empty() || !drains_.empty(); }));
        drains.swap(drains_);
        done.insert(done.end(), completed_.begin(), completed_.end());
        completed_.clear();
      }
      for (const auto& partition : drains) partition->drain();
    }
    return done;
  }
  // Puts a batch in its place and drains if that fell to this owner.
  Placement place(Partition& partition, Append& append) {
    const Enqueued enqueued = partition.enqueue(append);
    if (enqueued.drain) partition.drain();
    return enqueued.placement;
  }

 private:
  template <class T>
  std::vector<T> take(std::vector<T>& from) {
    const std::lock_guard lock(mutex_);
    return std::exchange(from, {});
  }

  const bool may_drain_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Append*> completed_;
  std::vector<FetchWaiter*> woken_;
  std::vector<SpaceWaiter*> rooms_;
  std::vector<std::shared_ptr<Partition>> drains_;
};

// A lane whose turns and syncs happen when the test says so. Thread: the test's.
class ManualLane final : public PartitionHost {
 public:
  void drain_on_lane(std::shared_ptr<Partition> partition) override { turns.push_back(std::move(partition)); }
  void request_sync(std::shared_ptr<Partition> partition) override {
    if (std::find(syncs.begin(), syncs.end(), partition) == syncs.end()) syncs.push_back(std::move(partition));
  }
  void high_watermark_moved(const Partition&, Offset to) override { moves.push_back(to.value); }
  void log_failed(const Partition&, Status why, const std::string&) override { failures.push_back(why.cause); }
  void write_refused(const Partition&, Status) override { writes_refused++; }
  void segment_completed() override { segments_completed++; }
  bool lane_mode() const override { return is_lane_mode; }
  const Clock& clock() const override { return time; }
  Counters& counters() override { return counts; }

  void run_turns() {
    while (!turns.empty()) {
      const std::shared_ptr<Partition> next = turns.front();
      turns.pop_front();
      next->lane_turn();
    }
  }
  void run_syncs() {
    for (const auto& partition : std::exchange(syncs, {})) partition->synced(partition->sync());
  }

  bool is_lane_mode = false;
  ManualClock time{1'000'000};
  Counters counts;
  std::deque<std::shared_ptr<Partition>> turns;
  std::vector<std::shared_ptr<Partition>> syncs;
  std::vector<int64_t> moves;
  std::vector<int> failures;
  int writes_refused = 0;
  int segments_completed = 0;
};

inline abi::LogConfig default_config() {
  abi::LogConfig config;
  config.max_compaction_lag_ms = INT64_MAX;
  config.segment_bytes = 1 << 30;
  config.segment_ms = 604'800'000;
  config.segment_index_bytes = 10 << 20;
  config.index_interval_bytes = 4096;
  config.retention_ms = -1;
  config.retention_bytes = -1;
  config.file_delete_delay_ms = 60'000;
  config.max_message_bytes = 1'048'588;
  config.min_insync_replicas = 1;
  config.timestamp_before_max_ms = INT64_MAX;
  config.timestamp_after_max_ms = INT64_MAX;
  config.delete_ = true;
  config.flush_messages = INT64_MAX;
  config.flush_ms = INT64_MAX;
  return config;
}

// Events as values.
class Events final : public EventSink {
 public:
  struct Led {
    uint32_t handle;
    int16_t error;
    int64_t log_start, log_end;
    std::string message;
  };
  struct Plan {
    int64_t ticket;
    int16_t error;
    Buffer plan;
  };
  struct Read {
    int64_t ticket;
    int16_t error;
    Buffer batches;
  };
  void led(const abi::LedEvent& e) override { keep(leds, {e.partition.index, e.error, e.log_start_offset, e.log_end_offset, std::string(e.message)}); }
  void done(const abi::DoneEvent& e) override { keep(dones, e); }
  void appended(const abi::AppendedEvent& e) override { keep(appendeds, e); }
  void read_done(const abi::ReadDoneEvent& e) override { keep(reads, {e.ticket, e.error, Buffer(e.batches.begin(), e.batches.end())}); }
  void queried(const abi::QueriedEvent& e) override { keep(querieds, e); }
  void dirty(const abi::DirtyEvent& e) override { keep(dirties, e); }
  void cleaning_planned(const abi::CleaningPlannedEvent& e) override { keep(plans, {e.ticket, e.error, Buffer(e.plan.begin(), e.plan.end())}); }
  void high_watermark(const abi::HighWatermarkEvent& e) override { keep(moves, e); }
  void failed(const abi::FailedEvent& e) override { keep(faileds, e.errno_); }
  void notice(const abi::NoticeEvent& e) override { keep(notices, std::string(e.message)); }

  // Waits until `is_there` holds; looked at with the events protected.
  void wait(const std::function<bool()>& is_there) {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, deadline, is_there));
  }
  // The one of `among` that answers `ticket`.
  template <class Event>
  Event answered(const std::vector<Event>& among, int64_t ticket) {
    std::optional<Event> found;
    wait([&] {
      for (const Event& event : among) {
        if (event.ticket == ticket) found = event;
      }
      return found.has_value();
    });
    return *found;
  }
  void look(const std::function<void()>& at) {
    const std::lock_guard lock(mutex_);
    at();
  }

  std::vector<Led> leds;
  std::vector<abi::DoneEvent> dones;
  std::vector<abi::AppendedEvent> appendeds;
  std::vector<Read> reads;
  std::vector<abi::QueriedEvent> querieds;
  std::vector<abi::DirtyEvent> dirties;
  std::vector<Plan> plans;
  std::vector<abi::HighWatermarkEvent> moves;
  std::vector<int> faileds;
  std::vector<std::string> notices;

 private:
  template <class T>
  void keep(std::vector<T>& in, T event) {
    const std::lock_guard lock(mutex_);
    in.push_back(std::move(event));
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace milena::test
