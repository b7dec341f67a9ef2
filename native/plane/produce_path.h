// Produce: a frame becomes one batch per partition, each validated and given its place in its partition's append queue, in the order of
// the request; the answer follows when every batch has what its acks ask for.
// Thread: the reactor's.
#pragma once
#include <memory>
#include <vector>

#include "plane/append.h"
#include "plane/frame_buffer.h"
#include "plane/request.h"
#include "plane/waiters.h"
#include "wire/frame.h"

namespace milena {

class Reactor;
class ProduceState;

class ProducePath {
 public:
  explicit ProducePath(Reactor& reactor);
  ~ProducePath();
  // Null: malformed.
  Request* make(const RequestHeader& header, Frame frame);
  void completed(Append& append);
  void room(SpaceWaiter& waiter);
  void retire(ProduceState& state);

 private:
  Reactor& reactor_;
  std::vector<std::unique_ptr<ProduceState>> all_;  // in use and spare: what is lent to partitions must live until they are closed
  std::vector<ProduceState*> spare_;
};

}  // namespace milena
