// main's own appends: the owner of batches that came over the strait. They are always drained by a lane and answered by `appended`.
// Thread: place by main's, the rest by any.
#pragma once
#include "plane/abi.gen.h"
#include "plane/event_sink.h"
#include "plane/owner.h"
#include "plane/partition.h"

namespace milena {

class MainAppends final : public Owner {
 public:
  explicit MainAppends(EventSink& sink) : sink_(sink) {}
  // Copies the batch. Refusals are answered at once.
  void place(Partition& partition, const abi::AppendCommand& command);

  void completed(Append* append) override;
  void wake(FetchWaiter* waiter) override;
  void room(SpaceWaiter* waiter) override;
  void take_drain(std::shared_ptr<Partition> partition) override;
  bool may_drain() const override { return false; }

 private:
  EventSink& sink_;
};

}  // namespace milena
