// Group commit: one round at a time, latecomers join the next, files of a round are synced side by side.
#include "plane/group_commit.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "test/check.h"

using namespace milena;

namespace {

// A file whose sync waits until it is let through.
struct GatedFile final : Syncable {
  Status sync() override {
    std::unique_lock lock(mutex);
    in_sync++;
    appended_seen = appended;
    changed.notify_all();
    changed.wait(lock, [this] { return tokens > 0; });
    tokens--;
    in_sync--;
    return result;
  }
  void synced(Status status) override {
    const std::lock_guard lock(mutex);
    if (status) flushed = appended_seen;
    else failures++;
    syncs++;
    changed.notify_all();
  }
  void let_through(int count = 1) {
    const std::lock_guard lock(mutex);
    tokens += count;
    changed.notify_all();
  }
  void append() {
    const std::lock_guard lock(mutex);
    appended++;
  }
  template <class Condition>
  void wait(Condition is_so) {
    std::unique_lock lock(mutex);
    REQUIRE(changed.wait_for(lock, std::chrono::seconds(60), is_so));
  }

  std::mutex mutex;
  std::condition_variable changed;
  int tokens = 0, in_sync = 0, syncs = 0, failures = 0;
  int appended = 0, appended_seen = 0, flushed = 0;
  Status result{};
};

void latecomers_join_the_next_round() {
  RoundSync backend(4);
  Counters counters;
  GroupCommit commit(backend, counters);
  REQUIRE(commit.start());
  const auto first = std::make_shared<GatedFile>();
  const auto second = std::make_shared<GatedFile>();
  first->append();
  commit.request(first);
  first->wait([&] { return first->in_sync == 1; });
  // The round is in flight: none of these may begin, and however often they ask, each is synced once.
  first->append();
  for (int i = 0; i < 100; i++) {
    commit.request(first);
    commit.request(second);
  }
  {
    const std::lock_guard lock(second->mutex);
    CHECK_EQ(second->in_sync, 0);
  }
  first->let_through(2);
  second->let_through(1);
  commit.wait_idle();
  CHECK_EQ(first->syncs, 2);
  CHECK_EQ(first->flushed, 2);
  CHECK_EQ(second->syncs, 1);
  CHECK_EQ(counters.read(abi::Counter::group_commits), 2);
}

void files_of_a_round_are_synced_side_by_side() {
  RoundSync backend(8);
  Counters counters;
  GroupCommit commit(backend, counters);
  REQUIRE(commit.start());
  const auto door = std::make_shared<GatedFile>();
  commit.request(door);
  door->wait([&] { return door->in_sync == 1; });
  std::vector<std::shared_ptr<GatedFile>> files;
  for (int i = 0; i < 6; i++) files.push_back(std::make_shared<GatedFile>());
  for (const auto& file : files) commit.request(file);
  door->let_through();
  // All six are inside at once: serially the first would never be let through.
  for (const auto& file : files) file->wait([&] { return file->in_sync == 1; });
  for (const auto& file : files) file->let_through();
  commit.wait_idle();
  for (const auto& file : files) CHECK_EQ(file->syncs, 1);
  CHECK_EQ(counters.read(abi::Counter::group_commits), 2);
}

void more_files_than_threads() {
  RoundSync backend(3);
  Counters counters;
  GroupCommit commit(backend, counters);
  REQUIRE(commit.start());
  std::vector<std::shared_ptr<GatedFile>> files;
  for (int i = 0; i < 200; i++) {
    files.push_back(std::make_shared<GatedFile>());
    files.back()->let_through();
    commit.request(files.back());
  }
  commit.stop();  // runs what was asked for
  for (const auto& file : files) CHECK_EQ(file->syncs, 1);
}

void a_failure_is_told_and_not_repeated() {
  RoundSync backend(2);
  Counters counters;
  GroupCommit commit(backend, counters);
  REQUIRE(commit.start());
  const auto file = std::make_shared<GatedFile>();
  file->result = Status::io(5);
  file->let_through();
  commit.request(file);
  commit.wait_idle();
  CHECK_EQ(file->failures, 1);
  CHECK_EQ(file->syncs, 1);
  CHECK_EQ(file->flushed, 0);
}

// Whatever was appended before a request is flushed when all is quiet.
void nothing_is_forgotten() {
  RoundSync backend(4);
  Counters counters;
  GroupCommit commit(backend, counters);
  REQUIRE(commit.start());
  std::vector<std::shared_ptr<GatedFile>> files;
  for (int i = 0; i < 4; i++) {
    files.push_back(std::make_shared<GatedFile>());
    files.back()->let_through(1 << 20);
  }
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; t++) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5'000; i++) {
        const auto& file = files[static_cast<size_t>(i + t) % files.size()];
        file->append();
        commit.request(file);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  commit.wait_idle();
  for (const auto& file : files) {
    CHECK_EQ(file->appended, 5'000);
    CHECK_EQ(file->flushed, file->appended);
  }
}

}  // namespace

int main() {
  latecomers_join_the_next_round();
  files_of_a_round_are_synced_side_by_side();
  more_files_than_threads();
  a_failure_is_told_and_not_repeated();
  nothing_is_forgotten();
  return milena::test::check_result();
}
