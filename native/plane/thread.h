// A thread with a name and a stack of known size, joined by its owner.
#pragma once
#include <pthread.h>

#include <functional>
#include <string>

namespace milena {

inline constexpr size_t thread_stack_bytes = 512 * 1024;  // musl's default of 128 KB is too small, glibc's of 8 MB wasteful

class Thread {
 public:
  Thread() = default;
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;
  ~Thread() { join(); }

  // `name` has at most 15 characters. False when the system has no thread to give.
  bool start(const std::string& name, std::function<void()> run);
  bool running() const { return running_; }
  // Waits for the end of `run`; does nothing when not started.
  void join();

 private:
  static void* enter(void* self);

  std::function<void()> run_;
  pthread_t thread_{};
  bool running_ = false;
};

}  // namespace milena
