#include "plane/ring_sync.h"

#include "os/plain_sync.h"

namespace milena {

void RingSync::run(std::span<const BegunSync> files) {
  for (size_t i = 0; i < files.size(); i++) {
    while (!ring_->add_sync(files[i].descriptor, i)) take_ended(files);
  }
  while (take_ended(files)) {
  }
}

// False: nothing is under way any more.
bool RingSync::take_ended(std::span<const BegunSync> files) {
  const size_t count = ring_->wait(ended_);
  for (size_t i = 0; i < count; i++) {
    const BegunSync& file = files[ended_[i].tag];
    const int32_t result = ended_[i].result;
    file.item->synced(result >= 0 ? Status{} : is_ring_refusal(result) ? plain_sync(file.descriptor) : Status::io(-result));
  }
  return count > 0;
}

}  // namespace milena
