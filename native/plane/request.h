// One request of a client from its arrival to its answer. Answers leave in arrival order: a connection keeps its requests in a line and
// answers the first one when it is ready.
// Thread: the connection's reactor. What arrives from other threads reaches a request through the reactor's mailbox.
#pragma once
#include <vector>

#include "plane/output_queue.h"

namespace milena {

class Connection;

class Request {
 public:
  virtual ~Request() = default;
  Request() = default;
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  // Starts the work, once, when the request stands in its connection's line. May finish at once.
  virtual void begin() = 0;
  // Appends the answer, once, when it is ready and first in line. False: close the connection once everything before is sent.
  virtual bool answer(OutputQueue& out) = 0;
  // The connection is gone. Leaves every queue it can. True: nothing refers to this request any more. False: something is still on its
  // way to it; it retires itself when that has arrived.
  virtual bool abandon() = 0;
  // The peer sends nothing more, or the plane is closing: answer with what there is instead of waiting for more.
  virtual void hurry() {}
  // main's answer, for a request that is main's.
  virtual void take_response(std::vector<std::byte> response) { static_cast<void>(response); }
  // Gives the memory back, to a pool or the heap.
  virtual void retire() { delete this; }

  Connection* connection = nullptr;  // null once it is gone
  bool pipelined = false;  // a Produce: another Produce may begin while this one waits, as soon as it is `placed`
  bool placed = false;     // its batches have their places in all queues
  bool ready = false;

 protected:
  // The answer is there.
  void finish();
};

}  // namespace milena
