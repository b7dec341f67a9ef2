#include "plane/worker_pool.h"

namespace milena {

void WorkerPool::submit(std::function<void()> task) {
  std::unique_lock lock(mutex_);
  if (!stopping_ && idle_ <= tasks_.size() && threads_.size() < threads_max_ && !add_thread() && threads_.empty()) {
    lock.unlock();
    task();
    return;
  }
  tasks_.push_back(std::move(task));
  arrived_.notify_one();
}

bool WorkerPool::add_thread() {
  auto thread = std::make_unique<Thread>();
  if (!thread->start(name_, [this] { run(); })) return false;
  threads_.push_back(std::move(thread));
  return true;
}

void WorkerPool::stop() {
  std::vector<std::unique_ptr<Thread>> ending;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    ending.swap(threads_);
    arrived_.notify_all();
  }
  for (const auto& thread : ending) thread->join();
}

void WorkerPool::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    idle_++;
    arrived_.wait(lock, [this] { return !tasks_.empty() || stopping_; });
    idle_--;
    if (tasks_.empty()) return;
    const std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    lock.lock();
  }
}

}  // namespace milena
