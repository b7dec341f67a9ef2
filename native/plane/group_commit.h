// Group commit of one log directory: one round of syncs in flight, everything that asks meanwhile joins the next.
// Thread: request from any; rounds run on a thread of its own.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "plane/counters.h"
#include "plane/sync_backend.h"
#include "plane/thread.h"

namespace milena {

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
