// What partitions call back: the thread that brought a batch or a fetch in and answers it.
// Implemented by the reactor, and by main's own appends. Every call may come from any thread, must not block and must not call back
// into the partition: it posts to the owner's mailbox and wakes it. An owner outlives everything it has handed to a partition.
#pragma once
#include <memory>

namespace milena {

struct Append;
struct FetchWaiter;
struct SpaceWaiter;
class Partition;

class Owner {
 public:
  virtual ~Owner() = default;

  // The batch is through: its acks are satisfied or it failed; the results are in it. It belongs to the owner again. Exactly once for
  // every batch that was accepted, except those that abandon() took back.
  virtual void completed(Append* append) = 0;

  // A parked fetch may have more bytes now, or an error. At most once per arming.
  virtual void wake(FetchWaiter* waiter) = 0;

  // The queue this waiter stood in line for has room again; the waiter is no longer registered.
  virtual void room(SpaceWaiter* waiter) = 0;

  // The drainer role is this owner's now: its thread must call partition->drain() once, soon.
  virtual void take_drain(std::shared_ptr<Partition> partition) = 0;

  // Whether take_drain may be called at all; where not, the lane drains. Constant.
  virtual bool may_drain() const = 0;
};

}  // namespace milena
