// Events on their way to main, in the order of their posting: many writers, one reader, one bell per empty-to-nonempty change.
// Requests that are in no hurry do not ring while many of them come: they lie here until something else rings, until enough of them lie
// here, or until the first has lain for held_ns_max when one more comes. Whoever posted one rings when it has posted no other for that
// long, so nothing waits for twice as much. One of few rings like any other. Those who gather such requests before they post them ring
// together, when the last has come.
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
inline constexpr int64_t held_ns_max = 5'000'000;              // an event in no hurry waits so long for company
inline constexpr size_t held_frames_bytes_max = 64 * 1024;     // with more than this waiting for main, the bell rings whatever it is

// Told when a mailbox that refused has room again. Called from main's thread; must only post.
class RoomListener {
 public:
  virtual void room_at_main() = 0;

 protected:
  ~RoomListener() = default;
};

enum class Urgency : uint8_t { now, may_wait };

enum class Posted : uint8_t {
  refused,  // no room, nothing was taken; the listener will be told once there is some
  told,     // main knows
  held,     // main does not know: the poster calls ring_held unless it posts another within held_ns_max
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

  // `now_ns` is the clock's, which every poster shares.
  Posted post_request(const abi::RequestEvent& event, RoomListener& listener, Urgency urgency, int64_t now_ns);

  // Rings for whatever is held.
  void ring_held();
  // One more, or one less, of those who post what they have gathered at common times, and say so afterwards. What they post is held until
  // all have come to the same time, or until one of them comes to the next.
  void expect_gatherer();
  void forget_gatherer();
  void gathered(int64_t time);

  // Moves whole events into `into`; returns their bytes, 0 when there are none, or minus the size of the next chunk when it does not fit.
  int64_t drain(MutableBytes into);

 private:
  struct Patient {
    int64_t came_ns = INT64_MIN / 2;  // long ago
    abi::ConnectionHandle connection{};
  };

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
  bool holds(abi::ConnectionHandle connection, int64_t now_ns);
  void announce(bool ring);
  void ring_if(bool must);

  Counters& counters_;
  const std::function<void()> bell_;
  std::mutex mutex_;
  // Guarded by mutex_:
  std::deque<Chunk> chunks_;
  size_t frame_bytes_ = 0;  // of all chunks
  bool rung_ = false;  // main knows and will drain until it finds nothing
  int64_t held_since_ns_ = INT64_MAX;  // of the first that is held; INT64_MAX: none
  // The last two that may wait: there is company when both came within held_ns_max, from other connections.
  Patient last_patient_, patient_before_;
  uint32_t gatherers_ = 0;
  uint32_t came_ = 0;     // of them
  bool awaited_ = false;  // the rest; who came has not rung
  int64_t came_at_ = INT64_MIN;  // the last common time
  std::vector<RoomListener*> refused_;
  bool last_ = false;  // posted
};

}  // namespace milena
