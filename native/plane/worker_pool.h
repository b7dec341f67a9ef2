// Threads for blocking work, started on demand and kept until stop().
// Thread: submit from any; stop by the owner.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "plane/thread.h"

namespace milena {

class WorkerPool {
 public:
  // `name` names the threads (15 characters at most).
  WorkerPool(std::string name, size_t threads_max) : name_(std::move(name)), threads_max_(threads_max) {}
  ~WorkerPool() { stop(); }
  // Runs `task` on one of the threads, first come first served; here and now when the system gives no thread at all.
  void submit(std::function<void()> task);
  // Runs everything that was submitted, then ends the threads. Meanwhile only running tasks may submit more; afterwards nobody.
  void stop();

 private:
  void run();
  bool add_thread();  // with mutex_ held

  const std::string name_;
  const size_t threads_max_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  // Guarded by mutex_:
  std::deque<std::function<void()>> tasks_;
  std::vector<std::unique_ptr<Thread>> threads_;
  size_t idle_ = 0;
  bool stopping_ = false;
};

}  // namespace milena
