#include "plane/event_mailbox.h"

#include <algorithm>
#include <cstring>

namespace milena {

bool EventMailbox::must_ring() {
  if (rung_) return false;
  rung_ = true;
  held_since_ns_ = INT64_MAX;
  return true;
}

bool EventMailbox::holds(abi::ConnectionHandle connection, int64_t now_ns) {
  const auto is_company = [&](const Patient& other) {
    return now_ns - other.came_ns <= held_ns_max && other.connection.index != connection.index;
  };
  const bool company = is_company(last_patient_) && is_company(patient_before_);
  patient_before_ = last_patient_;
  last_patient_ = {now_ns, connection};
  if (!company || rung_ || frame_bytes_ > held_frames_bytes_max) return false;
  held_since_ns_ = std::min(held_since_ns_, now_ns);
  return now_ns - held_since_ns_ < held_ns_max;
}

void EventMailbox::announce(bool ring) {
  counters_.add(abi::Counter::events_to_main);
  ring_if(ring);
}

void EventMailbox::ring_if(bool must) {
  if (!must) return;
  counters_.add(abi::Counter::bells);
  bell_();
}

Posted EventMailbox::post_request(const abi::RequestEvent& event, RoomListener& listener, Urgency urgency, int64_t now_ns) {
  bool is_refused = false;
  bool is_held = false;
  bool ring = false;
  {
    const std::lock_guard hold(mutex_);
    is_refused = frame_bytes_ > 0 && frame_bytes_ + event.frame.size() > main_frames_bytes_max;
    if (is_refused) {
      if (std::find(refused_.begin(), refused_.end(), &listener) == refused_.end()) refused_.push_back(&listener);
    } else {
      // A large frame crosses in a chunk of its own, so that no drain has to copy it together with others.
      if (event.frame.size() >= event_chunk_bytes) chunks_.emplace_back();
      write(event);
      chunks_.back().frame_bytes += event.frame.size();
      frame_bytes_ += event.frame.size();
      is_held = urgency == Urgency::may_wait && holds(event.connection, now_ns);
    }
    if (!is_held) ring = must_ring();
  }
  if (is_refused) {
    ring_if(ring);  // what is in the way may be held
    return Posted::refused;
  }
  announce(ring);
  return is_held ? Posted::held : Posted::told;
}

void EventMailbox::ring_held() {
  bool ring = false;
  {
    const std::lock_guard hold(mutex_);
    ring = held_since_ns_ != INT64_MAX && must_ring();
  }
  ring_if(ring);
}

void EventMailbox::expect_gatherer() {
  const std::lock_guard hold(mutex_);
  gatherers_++;
}

// It may be the one that the others wait for.
void EventMailbox::forget_gatherer() {
  {
    const std::lock_guard hold(mutex_);
    gatherers_--;
  }
  ring_held();
}

void EventMailbox::gathered(int64_t time) {
  {
    const std::lock_guard hold(mutex_);
    const bool is_next = time > came_at_;
    if (is_next) {
      came_ = 0;
      came_at_ = time;
    }
    came_++;
    if (came_ < gatherers_ && !(is_next && awaited_)) {
      awaited_ = true;
      return;
    }
    awaited_ = false;
  }
  ring_held();
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
    if (chunks_.empty()) held_since_ns_ = INT64_MAX;
    frame_bytes_ -= chunk.frame_bytes;
    relieved.swap(refused_);
  }
  std::memcpy(into.data(), chunk.bytes.data(), chunk.bytes.size());
  for (RoomListener* listener : relieved) listener->room_at_main();
  return static_cast<int64_t>(chunk.bytes.size());
}

}  // namespace milena
