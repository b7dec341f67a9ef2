#include "plane/produce_path.h"

#include "plane/produce_state.h"
#include "plane/reactor.h"

namespace milena {

ProducePath::ProducePath(Reactor& reactor) : reactor_(reactor) {}
ProducePath::~ProducePath() = default;

Request* ProducePath::make(const RequestHeader& header, Frame frame) {
  if (spare_.empty()) {
    all_.push_back(std::make_unique<ProduceState>(reactor_, *this));
    spare_.push_back(all_.back().get());
  }
  ProduceState* state = spare_.back();
  if (!state->parse(header, std::move(frame))) return nullptr;
  spare_.pop_back();
  return state;
}

void ProducePath::completed(Append& append) { static_cast<ProduceState*>(append.context)->completed(append); }
void ProducePath::room(SpaceWaiter& waiter) { static_cast<ProduceState*>(waiter.context)->room(); }
void ProducePath::retire(ProduceState& state) { spare_.push_back(&state); }

}  // namespace milena
