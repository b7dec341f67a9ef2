// The lane's thread: drains, jobs, reads, and what is due by the clock.
#include "plane/lane.h"

#include <algorithm>
#include <chrono>
#include <latch>
#include <system_error>

namespace milena {

namespace {

constexpr int64_t sleep_max_ms = 60'000;

std::string path_of(const LogDirectory& directory, const Partition& partition) {
  return directory.path() + "/" + partition.identity().topic + "-" + std::to_string(partition.identity().index);
}

}  // namespace

Lane::Lane(std::unique_ptr<LogDirectory> directory, const PartitionTable& table, const Clock& clock, EventSink& sink, Counters& counters, LaneOptions options)
    : directory_(std::move(directory)),
      table_(table),
      clock_(clock),
      sink_(sink),
      counters_(counters),
      options_(options),
      sync_backend_(sync_threads_max, make_batch_sync(options.backends.syncs, directory_->path())),
      drain_round_(make_write_backend(options.backends.ring_appends)),
      blocking_("milena-open", std::max(1u, options.recovery_threads)),
      random_(options.seed) {
  queued_bytes_max = options.queued_bytes_max;
  const int64_t now_ms = monotonic_ms();
  due_ = {now_ms + options_.retention_check_interval_ms, now_ms + options_.checkpoint_interval_ms, INT64_MAX};
}

Lane::~Lane() { stop_threads(); }

bool Lane::start() {
  return commit_.start() && thread_.start("milena-lane", [this] { run(); });
}

void Lane::drain_on_lane(std::shared_ptr<Partition> partition) {
  const std::lock_guard lock(mutex_);
  turns_.push_back(std::move(partition));
  if (turns_.size() == 1) arrived_.notify_one();
}

void Lane::post(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  tasks_.push_back(std::move(task));
  if (tasks_.size() == 1) arrived_.notify_one();
}

void Lane::tick() {
  post([] {});
}

void Lane::expect_timed_flushes() {
  const std::lock_guard lock(mutex_);
  if (due_.flush_ms != INT64_MAX) return;
  due_.flush_ms = monotonic_ms() + flush_check_interval_ms;
  arrived_.notify_one();
}

void Lane::run() {
  std::vector<std::shared_ptr<Partition>> turns;
  std::vector<std::function<void()>> tasks;
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto is_called = [this] { return !turns_.empty() || !tasks_.empty() || stopping_; };
    if (!is_called()) arrived_.wait_for(lock, std::chrono::milliseconds(sleep_ms()));
    if (stopping_ && turns_.empty() && tasks_.empty()) return;
    turns.swap(turns_);
    tasks.swap(tasks_);
    lock.unlock();
    drain_round_.lane_turns(turns);
    for (const auto& task : tasks) task();
    turns.clear();
    tasks.clear();
    run_due();
    lock.lock();
  }
}

// With mutex_ held.
int64_t Lane::sleep_ms() const {
  const int64_t due_ms = std::min({due_.retention_ms, due_.checkpoint_ms, due_.flush_ms});
  const int64_t removal_ms = removal_due_ms();
  const int64_t until_removal = removal_ms == INT64_MAX ? sleep_max_ms : removal_ms - clock_.wall_ms();
  return std::clamp<int64_t>(std::min(due_ms - monotonic_ms(), until_removal), 0, sleep_max_ms);
}

// INT64_MAX also while somebody is at it, who will call when it is done.
int64_t Lane::removal_due_ms() const {
  return removing_files_.load() || cancel_.load() ? INT64_MAX : directory_->removals().next_due_ms();
}

void Lane::run_due() {
  const int64_t now_ms = monotonic_ms();
  const auto is_due = [now_ms](int64_t& due_ms, int64_t interval_ms) {
    if (now_ms < due_ms) return false;
    due_ms = now_ms + interval_ms;
    return true;
  };
  bool retention = false;
  bool checkpoint = false;
  bool flush = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    retention = is_due(due_.retention_ms, options_.retention_check_interval_ms);
    checkpoint = is_due(due_.checkpoint_ms, options_.checkpoint_interval_ms);
    flush = is_due(due_.flush_ms, flush_check_interval_ms);
  }
  if (retention) check_retention();
  if (checkpoint) write_checkpoints_soon();
  if (flush) {
    for (const auto& partition : mine()) partition->flush_if_due(clock_.wall_ms());
  }
  if (removal_due_ms() <= clock_.wall_ms()) remove_files_soon();
}

std::vector<std::shared_ptr<Partition>> Lane::mine() const {
  std::vector<std::shared_ptr<Partition>> all = table_.all();
  std::erase_if(all, [this](const auto& partition) { return partition->identity().log_dir != options_.log_dir; });
  return all;
}

void Lane::check_retention() {
  for (const auto& partition : mine()) partition->post_job([this](Partition& self) { tidy(self); });
  // What looks at files does so beside the drainers.
  if (retaining_.exchange(true)) return;
  keep([this] {
    retain_all();
    retaining_.store(false);
  });
}

// With the drainer role; touches no file.
void Lane::tidy(Partition& partition) {
  PartitionLog* const log = partition.log();
  if (log == nullptr || partition.view().error != KafkaError::none) return;
  log->expire_producers(clock_.wall_ms());
  if (log->trim()) return;
  keep([this, held = partition.shared_from_this(), log] {
    const Status status = log->sync_names();
    if (status) held->post_job([](Partition& self) { static_cast<void>(self.log()->trim()); });
    else if (log->failed()) held->fail(log->failure(), "a sync failed");
  });
}

void Lane::retain_all() {
  for (const auto& partition : mine()) {
    if (cancel_.load()) return;
    retain(*partition);
  }
}

void Lane::retain(Partition& partition) {
  const PartitionView view = partition.view();
  if (view.error != KafkaError::none || view.log == nullptr) return;
  const Result<Retained> retained = view.log->retain(clock_.wall_ms(), view.high_watermark);
  if (!retained) return report_retention(partition, retained.why());
  if (!retained->active_is_due) return;
  partition.post_job([this](Partition& self) {
    if (self.view().error != KafkaError::none) return;
    if (const Status status = self.log()->roll(clock_.wall_ms(), true); !status) return report_retention(self, status);
    keep([this, held = self.shared_from_this()] {
      const PartitionView now = held->view();
      if (now.error != KafkaError::none) return;
      if (const auto gone = now.log->retain(clock_.wall_ms(), now.high_watermark); !gone) report_retention(*held, gone.why());
    });
  });
}

void Lane::report_retention(Partition& partition, Status why) {
  PartitionLog* const log = partition.log();
  if (log->failed()) return partition.fail(log->failure(), "retention failed");
  if (why.code == Errc::closed) return;
  notice(NoticeLevel::error, "retention of " + path_of(*directory_, partition) + " failed: " + std::generic_category().message(why.cause));
}

void Lane::remove_files_soon() {
  if (removing_files_.exchange(true)) return;
  unlinking_.submit([this] {
    directory_->removals().run_due(clock_.wall_ms(), &cancel_);
    removing_files_.store(false);
    tick();
  });
}

// ---- reports ----

void Lane::high_watermark_moved(const Partition& partition, Offset to) {
  sink_.high_watermark({partition.identity().handle, to.value});
}

void Lane::log_failed(const Partition& partition, Status why, const std::string& message) {
  sink_.failed({options_.log_dir, path_of(*directory_, partition), why.cause, message});
}

void Lane::write_refused(const Partition& partition, Status why) {
  notice(NoticeLevel::error, "writing to " + path_of(*directory_, partition) +
                                 " failed, its batches were refused and nothing of them was kept: " + std::generic_category().message(why.cause));
}

void Lane::segment_completed() {
  const std::lock_guard lock(mutex_);
  due_.checkpoint_ms = std::min(due_.checkpoint_ms, monotonic_ms() + checkpoint_after_roll_ms);
  arrived_.notify_one();
}

// ---- stopping ----

void Lane::drain_pending() {
  const std::vector<std::shared_ptr<Partition>> partitions = mine();
  std::latch answered(static_cast<ptrdiff_t>(partitions.size()));
  for (const auto& partition : partitions) {
    partition->refuse_appends();
    partition->post_job([&answered](Partition&) { answered.count_down(); });
  }
  answered.wait();
  commit_.wait_idle();
}

void Lane::stop_threads() {
  cancel_.store(true);
  {
    std::unique_lock lock(mutex_);
    removed_.wait(lock, [this] { return removing_.empty(); });
    stopping_ = true;
    arrived_.notify_one();
  }
  thread_.join();
  // What their last tasks would give the lane is not needed any more; those that keep house may still have something opened.
  keeping_.stop();
  blocking_.stop();
  unlinking_.stop();  // returns when the call that is under way does
  commit_.stop();
}

}  // namespace milena
