#include "plane/thread.h"

#include <cassert>

namespace milena {

bool Thread::start(const std::string& name, std::function<void()> run) {
  assert(!running_);
  assert(name.size() <= 15);
  run_ = std::move(run);
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_attr_setstacksize(&attributes, thread_stack_bytes);
  running_ = pthread_create(&thread_, &attributes, &Thread::enter, this) == 0;
  pthread_attr_destroy(&attributes);
  if (running_) pthread_setname_np(thread_, name.c_str());
  return running_;
}

void Thread::join() {
  if (!running_) return;
  pthread_join(thread_, nullptr);
  running_ = false;
  run_ = nullptr;
}

void* Thread::enter(void* self) {
  static_cast<Thread*>(self)->run_();
  return nullptr;
}

}  // namespace milena
