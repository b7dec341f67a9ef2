#include "plane/event_mailbox.h"

#include <algorithm>
#include <cstring>

namespace milena {

bool EventMailbox::must_ring() {
  if (rung_) return false;
  rung_ = true;
  return true;
}

void EventMailbox::announce(bool ring) {
  counters_.add(abi::Counter::events_to_main);
  if (!ring) return;
  counters_.add(abi::Counter::bells);
  bell_();
}

bool EventMailbox::post_request(const abi::RequestEvent& event, RoomListener& listener) {
  bool ring = false;
  {
    const std::lock_guard hold(mutex_);
    if (frame_bytes_ > 0 && frame_bytes_ + event.frame.size() > main_frames_bytes_max) {
      if (std::find(refused_.begin(), refused_.end(), &listener) == refused_.end()) refused_.push_back(&listener);
      return false;
    }
    // A large frame crosses in a chunk of its own, so that no drain has to copy it together with others.
    if (event.frame.size() >= event_chunk_bytes) chunks_.emplace_back();
    write(event);
    chunks_.back().frame_bytes += event.frame.size();
    frame_bytes_ += event.frame.size();
    ring = must_ring();
  }
  announce(ring);
  return true;
}

bool EventMailbox::finished() {
  const std::lock_guard hold(mutex_);
  return last_ && chunks_.empty();
}

int64_t EventMailbox::drain(MutableBytes into) {
  Chunk chunk;
  std::vector<RoomListener*> relieved;
  {
    const std::lock_guard hold(mutex_);
    if (chunks_.empty()) {
      rung_ = false;
      return 0;
    }
    const size_t size = chunks_.front().bytes.size();
    if (size > into.size()) return -static_cast<int64_t>(size);
    chunk = std::move(chunks_.front());
    chunks_.pop_front();
    frame_bytes_ -= chunk.frame_bytes;
    relieved.swap(refused_);
  }
  std::memcpy(into.data(), chunk.bytes.data(), chunk.bytes.size());
  for (RoomListener* listener : relieved) listener->room_at_main();
  return static_cast<int64_t>(chunk.bytes.size());
}

}  // namespace milena
