// Events on their way to main: many writers, one reader, one bell per empty-to-nonempty change.
// Requests of clients are bounded: a full mailbox refuses them and their connections stop reading. Everything else answers something
// main asked for, or is rare, and is always taken; its number is bounded by what main has asked.
// Thread: post from any, drain by main's.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "plane/abi.gen.h"
#include "plane/counters.h"

namespace milena {

inline constexpr size_t event_chunk_bytes = 256 * 1024;        // events are handed over in chunks of about this size
inline constexpr size_t main_frames_bytes_max = 16u << 20;     // client frames waiting for main; one is always admitted
inline constexpr size_t reactors_max = 64;

// Told when a mailbox that refused has room again. Called from main's thread; must only post.
class RoomListener {
 public:
  virtual void room_at_main() = 0;

 protected:
  ~RoomListener() = default;
};

class EventMailbox {
 public:
  EventMailbox(Counters& counters, std::function<void()> bell) : counters_(counters), bell_(std::move(bell)) {}

  template <class Event>
  void post(const Event& event) {
    bool ring = false;
    {
      const std::lock_guard hold(mutex_);
      write(event);
      ring = must_ring();
    }
    announce(ring);
  }

  // Nothing is posted afterwards.
  template <class Event>
  void post_last(const Event& event) {
    bool ring = false;
    {
      const std::lock_guard hold(mutex_);
      write(event);
      last_ = true;
      ring = must_ring();
    }
    announce(ring);
  }
  // The last event has been drained.
  bool finished();

  // False: no room, nothing was taken, and `listener` will be told once there is some.
  bool post_request(const abi::RequestEvent& event, RoomListener& listener);

  // Moves whole events into `into`; returns their bytes, 0 when there are none, or minus the size of the next chunk when it does not fit.
  int64_t drain(MutableBytes into);

 private:
  template <class Event>
  void write(const Event& event) {
    if (chunks_.empty() || chunks_.back().bytes.size() >= event_chunk_bytes) chunks_.emplace_back();
    abi::AbiWriter to(chunks_.back().bytes);
    abi::write_event(to, event);
  }
  struct Chunk {
    std::vector<std::byte> bytes;  // whole messages
    size_t frame_bytes = 0;        // of client frames in them
  };
  bool must_ring();
  void announce(bool ring);

  Counters& counters_;
  const std::function<void()> bell_;
  std::mutex mutex_;
  // Guarded by mutex_:
  std::deque<Chunk> chunks_;
  size_t frame_bytes_ = 0;  // of all chunks
  bool rung_ = false;  // main knows and will drain until it finds nothing
  std::vector<RoomListener*> refused_;
  bool last_ = false;  // posted
};

}  // namespace milena
