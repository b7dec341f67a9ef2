// One client connection: bytes in, frames, a line of requests, answers out.
// Order: requests begin in arrival order and are answered in that order. A Produce may begin once the Produce before it has its place
// in its queues; everything else begins when nothing before it is unanswered (docs/architecture.md, section 3).
// Memory: an idle connection holds no buffer. Frames are served from the reactor's blocks; one that has not arrived whole is completed where it
// began if its block has room for it, or in a buffer of its own, paid for before.
// Reading goes on, within a limit, while the peer does not take its answers: a full receive buffer would make the system ignore the
// acknowledgements that come with what it drops, and neither side could move again (docs/non-obvious.md).
// Owner: Reactor. Thread: its reactor's.
#pragma once
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "plane/frame_buffer.h"
#include "plane/listener_traits.h"
#include "plane/output_queue.h"
#include "plane/read_space.h"
#include "plane/request.h"
#include "plane/stash.h"
#include "plane/timer_queue.h"
#include "plane/transport.h"

namespace milena {

class Reactor;

inline constexpr size_t small_frame_bytes_max = 64 * 1024;     // frames up to this draw on the reactor's reserve
inline constexpr size_t scarce_read_bytes = 4096;              // one read while the budget is crowded: what is read cannot be refused
inline constexpr size_t large_frame_peek_bytes = 4096;         // read behind a frame larger than a block: enough to know the next one's size
inline constexpr size_t pipelined_requests_max = 256;          // Produce requests of one connection under way
inline constexpr uint64_t output_bytes_max = 256 * 1024;       // with more than this unsent, no further request begins
inline constexpr size_t read_ahead_bytes_max = 4 << 20;        // read while the peer does not take its answers
inline constexpr int64_t patient_gap_ns = 500'000'000;         // between two heartbeats in a row: what comes next may wait for a look
inline constexpr int32_t handshake_frame_bytes_max = 512 * 1024;
inline constexpr int64_t trickle_window_ns = 10'000'000'000;
inline constexpr uint64_t trickle_bytes_min = 100 * 1024;      // 10 KB/s over the window

class Connection final : private BudgetWaiter, private TimerTarget {
 public:
  Connection(Reactor& reactor, std::unique_ptr<Transport> transport, abi::ConnectionHandle handle, ListenerTraits listener, std::string peer);
  ~Connection() override;

  abi::ConnectionHandle handle() const { return handle_; }
  Reactor& reactor() { return reactor_; }
  int descriptor() const { return transport_->descriptor(); }

  // epoll reported `events`.
  void on_events(uint32_t events);
  // One of its requests became ready.
  void request_ready();
  // Answers what is ready, sends, and begins what has become possible. By the reactor, for connections it was told to look at.
  void settle();
  // main's answer to the request it has. Ignored when it has none.
  void respond(std::vector<std::byte> response);
  // The budget has reserved what it waited for.
  void budget_granted(uint64_t bytes);
  void room_at_main();
  // Begins nothing more, answers what is under way, closes.
  void drain();
  void close();

  bool closed() const { return closed_; }
  bool quiet() const { return requests_.empty() && output_.empty(); }
  bool marked = false;         // in the reactor's list of connections to settle
  bool patient = false;        // among the reactor's patient sockets
  bool known_to_main = false;  // main is told when it closes
  int64_t active_ns = 0;       // last time bytes moved
  Connection* newer = nullptr;  // the reactor's line of connections by activity
  Connection* older = nullptr;

 private:
  enum class Start : uint8_t { started, held, refused };

  void granted() override;    // BudgetWaiter, any thread
  void timer_due() override;  // TimerTarget: a frame trickles
  void read();
  void read_frame();
  void read_frames();
  void read_ahead();
  void ended();
  size_t receive(MutableBytes frame_rest, MutableBytes behind);
  size_t parse(MutableBytes input, const ReadSpace::Room& room);
  bool begin_frame(MutableBytes begun, size_t size, const ReadSpace::Room& room);
  MutableBytes frame_rest() const { return frame_.bytes.subspan(frame_filled_); }
  Start start(MutableBytes frame, const std::shared_ptr<void>& owner);
  Start start_hot(Frame frame, const struct RequestHeader& header);
  bool answer_known(Bytes frame, int32_t correlation_id);
  Start forward(Bytes frame, int16_t api_key);
  bool is_fast() const { return listener_.fast_path && listener_.session == SessionState::authenticated; }
  void push(Request* request);
  void proceed();
  void proceed_frame();
  void drop_frame();
  bool answer_ready();
  void refuse();
  Frame buffer(size_t size);
  bool may_follow(bool produce) const;
  bool may_begin() const;
  bool wants_read() const;
  void watch(bool readable = false);
  void hurry_all();
  void hurry_main();

  Reactor& reactor_;
  std::unique_ptr<Transport> transport_;
  const abi::ConnectionHandle handle_;
  const ListenerTraits listener_;
  const std::string peer_;

  Stash stash_;  // bytes read behind a request that could not begin yet
  Frame frame_;  // one that did not arrive whole
  size_t frame_filled_ = 0;
  size_t trickle_from_ = 0;  // frame_filled_ when the window began
  Timer trickle_;

  std::deque<Request*> requests_;
  OutputQueue output_;
  uint64_t granted_bytes_ = 0;  // reserved for the frame at the head of the stash
  uint32_t watched_ = 0;        // epoll events asked for
  int64_t heartbeat_ns_ = INT64_MAX;  // when the last request came, if it was one; else never
  bool waits_ = false;          // its next bytes may wait for a look
  bool budget_wait_ = false;    // stands still until the budget or main has room
  bool main_wait_ = false;
  bool held_at_main_ = false;  // main may not know of its request yet
  bool held_ = false;  // the next frame waits for the requests before it
  bool send_blocked_ = false;
  bool half_closed_ = false;  // the peer will send nothing more; there may be bytes left to read
  bool ended_ = false;        // everything was read
  bool refused_ = false;      // reads nothing more and closes when everything is answered
  bool draining_ = false;
  bool closed_ = false;
};

}  // namespace milena
