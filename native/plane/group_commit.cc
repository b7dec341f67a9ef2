#include "plane/group_commit.h"

namespace milena {

bool GroupCommit::start() {
  return thread_.start("milena-commit", [this] { run(); });
}

void GroupCommit::request(std::shared_ptr<Syncable> dirty) {
  // Pairs with the exchange in run(): who finds the flag set joins a round that has not begun.
  if (dirty->asked_.exchange(true, std::memory_order_acq_rel)) return;
  const std::lock_guard lock(mutex_);
  asked_.push_back(std::move(dirty));
  if (asked_.size() == 1) changed_.notify_all();
}

void GroupCommit::wait_idle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return asked_.empty() && !in_flight_; });
}

void GroupCommit::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void GroupCommit::run() {
  std::vector<std::shared_ptr<Syncable>> round;
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return !asked_.empty() || stopping_; });
    if (asked_.empty()) return;
    round.swap(asked_);
    in_flight_ = true;
    lock.unlock();
    for (const auto& item : round) item->asked_.exchange(false, std::memory_order_acq_rel);
    backend_.run(round);
    counters_.add(abi::Counter::group_commits);
    round.clear();
    lock.lock();
    in_flight_ = false;
    changed_.notify_all();
  }
}

}  // namespace milena
