// The one thread that accepts connections, of all listeners, and hands each to the reactor with the fewest.
// Owner: DataPlane. Thread: add and stop by its owner's.
#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include "base/status.h"
#include "plane/connection_gate.h"
#include "plane/listener_traits.h"
#include "plane/reactor.h"
#include "plane/thread.h"

namespace milena {

class Acceptor {
 public:
  Acceptor(PlaneShared& shared, std::vector<std::unique_ptr<Reactor>>& reactors);
  ~Acceptor() { stop(); }
  Status start();
  void add(UniqueFd socket, ListenerTraits traits);
  // Closes the listeners and ends the thread. Idempotent.
  void stop();

 private:
  struct Listener {
    UniqueFd socket;
    ListenerTraits traits;
  };
  void run();
  void accept_from(const Listener& listener);
  bool accept_one(const Listener& listener);
  void shed(const Listener& listener);
  void set_options(int socket) const;
  void ring();

  PlaneShared& shared_;
  std::vector<std::unique_ptr<Reactor>>& reactors_;
  UniqueFd bell_;
  UniqueFd spare_;  // given up for a moment when descriptors run out, so that a connection can be refused instead of left hanging
  Thread thread_;
  std::mutex mutex_;
  // Guarded by mutex_:
  std::vector<Listener> arriving_;
  bool full_ = false;  // the gate has turned one away
  bool stopping_ = false;
};

}  // namespace milena
