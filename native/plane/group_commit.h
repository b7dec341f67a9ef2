// Group commit of one log directory: one round of syncs in flight, everything that asks meanwhile joins the next.
// Thread: request from any; rounds run on a thread of its own.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "base/status.h"
#include "plane/counters.h"
#include "plane/thread.h"
#include "plane/worker_pool.h"

namespace milena {

// Something that can be made durable. Not synced twice at a time.
class Syncable {
 public:
  virtual ~Syncable() = default;
  virtual Status sync() = 0;                 // blocking; everything appended before the call is durable when it returns ok
  virtual void synced(Status status) = 0;    // publishes what a sync achieved; called once after each

 private:
  friend class GroupCommit;
  std::atomic<bool> asked_{false};  // waits for the next round
};

// How the files of one round are synced. Returns when each has been synced and told so.
class SyncBackend {
 public:
  virtual ~SyncBackend() = default;
  virtual void run(std::span<const std::shared_ptr<Syncable>> round) = 0;
};

// Syncs on several threads, which are started when a round first has more than one file.
class ThreadSyncBackend final : public SyncBackend {
 public:
  explicit ThreadSyncBackend(size_t threads_max) : threads_max_(threads_max), pool_("milena-sync", threads_max) {}
  void run(std::span<const std::shared_ptr<Syncable>> round) override;

 private:
  const size_t threads_max_;
  WorkerPool pool_;
};

class GroupCommit {
 public:
  GroupCommit(SyncBackend& backend, Counters& counters) : backend_(backend), counters_(counters) {}
  ~GroupCommit() { stop(); }
  bool start();
  // What was appended before this call is durable once synced() of a round that began after it was called.
  void request(std::shared_ptr<Syncable> dirty);
  // Waits until nothing is asked for or in flight.
  void wait_idle();
  // Runs what was asked for, then ends the thread. Nothing may be asked for afterwards.
  void stop();

 private:
  void run();

  SyncBackend& backend_;
  Counters& counters_;  // group_commits: rounds
  Thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_:
  std::vector<std::shared_ptr<Syncable>> asked_;
  bool in_flight_ = false;
  bool stopping_ = false;
};

}  // namespace milena
