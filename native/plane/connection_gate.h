// How many connections there are, and may be (max.connections). A full gate stops the acceptor; the backlog of the system keeps the rest.
// Thread: any.
#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>

#include "plane/counters.h"

namespace milena {

class ConnectionGate {
 public:
  ConnectionGate(size_t connections_max, Counters& counters) : connections_max_(connections_max), counters_(counters) {}

  // Called when a full gate has room again, from the thread that leaves. Set once, before anybody enters.
  void on_room(std::function<void()> told) { on_room_ = std::move(told); }

  // False: full; on_room will be called.
  bool enter() {
    const std::lock_guard hold(mutex_);
    if (inside_ >= connections_max_) {
      turned_away_ = true;
      return false;
    }
    inside_++;
    counters_.add(abi::Counter::connections_now);
    return true;
  }

  void leave() {
    bool room = false;
    {
      const std::lock_guard hold(mutex_);
      inside_--;
      counters_.subtract(abi::Counter::connections_now);
      room = std::exchange(turned_away_, false);
      if (inside_ == 0) empty_.notify_all();
    }
    if (room) on_room_();
  }

  // Until nobody is inside, `limit` at most.
  void wait_until_empty(std::chrono::milliseconds limit) {
    std::unique_lock hold(mutex_);
    empty_.wait_for(hold, limit, [this] { return inside_ == 0; });
  }

 private:
  const size_t connections_max_;
  Counters& counters_;
  std::function<void()> on_room_;
  std::mutex mutex_;
  std::condition_variable empty_;
  // Guarded by mutex_:
  size_t inside_ = 0;
  bool turned_away_ = false;
};

}  // namespace milena
