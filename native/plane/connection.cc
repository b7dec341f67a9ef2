#include "plane/connection.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/endian.h"
#include "plane/known_request.h"
#include "plane/main_request.h"
#include "plane/reactor.h"
#include "wire/frame.h"

namespace milena {

Connection::Connection(Reactor& reactor, std::unique_ptr<Transport> transport, abi::ConnectionHandle handle, ListenerTraits listener,
                       std::string peer)
    : reactor_(reactor),
      transport_(std::move(transport)),
      handle_(handle),
      listener_(listener),
      peer_(std::move(peer)),
      stash_(reactor.shared().budget),
      trickle_(*this),
      output_(reactor.shared().budget, reactor.shared().counters) {
  watched_ = EPOLLIN | EPOLLRDHUP;
}

Connection::~Connection() { reactor_.shared().budget.release(granted_bytes_); }

void Connection::on_events(uint32_t events) {
  if (closed_) return;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) return close();
  if ((events & EPOLLOUT) != 0) reactor_.mark(*this);
  if ((events & EPOLLIN) != 0 && wants_read()) return read();
  if ((events & EPOLLIN) != 0) hurry_main();
  if ((events & EPOLLRDHUP) != 0) {
    half_closed_ = true;
    hurry_all();
  }
  watch((events & EPOLLIN) != 0);
}

void Connection::request_ready() { reactor_.mark(*this); }

// ---- in ----

void Connection::read() {
  reactor_.touch(*this);
  if (!send_blocked_) read_frames();
  else if (!frame_rest().empty()) read_frame();
  else read_ahead();
  if (!closed_) watch();
}

// Bytes that were read; 0: none, and what follows from that has been done.
size_t Connection::receive(MutableBytes frame_rest, MutableBytes behind) {
  const std::array<iovec, 2> both{iovec{frame_rest.data(), frame_rest.size()}, iovec{behind.data(), behind.size()}};
  const IoResult got = frame_rest.empty() ? transport_->recv(behind) : behind.empty() ? transport_->recv(frame_rest) : transport_->recvv(both);
  if (got.state == IoState::failed) close();
  if (got.state == IoState::ended) ended();
  if (got.state != IoState::moved) return 0;
  reactor_.shared().counters.add(abi::Counter::bytes_in, static_cast<int64_t>(got.bytes));
  frame_filled_ += std::min(got.bytes, frame_rest.size());
  return got.bytes;
}

void Connection::read_frame() {
  const MutableBytes rest = frame_rest();
  if (rest.size() > 0 && receive(rest, {}) == rest.size()) proceed_frame();
}

// Reads the rest of a frame that has begun, and behind it what is there, usually whole frames; copies only what cannot begin yet.
void Connection::read_frames() {
  const MutableBytes rest = frame_rest();
  const ReadSpace::Room room = reactor_.space().room();
  MutableBytes behind = room.bytes;
  if (!room.hold && frame_) behind = {};
  else if (!room.hold && reactor_.shared().budget.crowded()) behind = behind.first(scarce_read_bytes);
  else if (frame_.bytes.size() > read_block_bytes) behind = behind.first(large_frame_peek_bytes);
  const size_t before = stash_.size();
  if (before > 0) std::memcpy(behind.data(), stash_.bytes().data(), before);
  const size_t got = receive(rest, behind.subspan(before));
  if (got == 0 || got < rest.size()) return;
  if (!rest.empty()) proceed_frame();
  MutableBytes input = behind.first(before + got - rest.size());
  stash_.drop_front(before);
  if (!frame_) input = input.subspan(parse(input, room));
  if (!closed_ && !input.empty()) stash_.append(input);
  if (!stash_.empty()) hurry_main();
}

// Nothing begins before the peer takes its answers, but it may be unable to say so before its own bytes are taken.
void Connection::read_ahead() {
  const MutableBytes into = reactor_.space().room().bytes.first(read_room_bytes_min);
  stash_.append(into.first(receive({}, into)));
}

void Connection::ended() {
  ended_ = half_closed_ = true;
  hurry_all();
  reactor_.mark(*this);
}

// Begins the frames at the front of `input`, which lies at the front of `room` or in the stash; returns the bytes that are done with.
size_t Connection::parse(MutableBytes input, const ReadSpace::Room& room) {
  const int32_t size_max = listener_.session == SessionState::authenticated ? reactor_.shared().limits.request_bytes_max : handshake_frame_bytes_max;
  size_t at = 0;
  while (may_begin() && input.size() - at >= frame_length_size) {
    const auto size = load<int32_t>(input.data() + at);
    if (size <= 0 || size > size_max) {
      refuse();
      break;
    }
    const auto frame_size = static_cast<size_t>(size);
    const MutableBytes rest = input.subspan(at + frame_length_size);
    if (rest.size() < frame_size) {
      return begin_frame(rest, frame_size, room) ? input.size() : at;
    }
    const Start outcome = start(rest.first(frame_size), room.hold);
    if (outcome == Start::refused) refuse();
    if (outcome != Start::started) break;
    at += frame_length_size + frame_size;
  }
  if (room.hold) reactor_.space().keep(at);
  return at;
}

// The first bytes of a frame are there. False: there is no memory for it yet.
bool Connection::begin_frame(MutableBytes begun, size_t size, const ReadSpace::Room& room) {
  const auto before = room.hold ? static_cast<size_t>(begun.data() - room.bytes.data()) : 0;
  if (room.hold && size <= room.bytes.size() - before) {
    frame_ = {{begun.data(), size}, room.hold};
    reactor_.space().keep(before + size);
  } else {
    if (room.hold) reactor_.space().keep(before);
    frame_ = buffer(size);
    if (!frame_) return false;
    std::memcpy(frame_.bytes.data(), begun.data(), begun.size());
  }
  frame_filled_ = trickle_from_ = begun.size();
  reactor_.timers().set(trickle_, reactor_.now_ns() + trickle_window_ns);
  return true;
}

Connection::Start Connection::start(MutableBytes frame, const std::shared_ptr<void>& owner) {
  RequestHeader header;
  if (!parse_request_header(frame, header)) return Start::refused;
  if (header.api_key != api::heartbeat) {
    heartbeat_ns_ = INT64_MAX;
    waits_ = false;
  }
  const bool hot = is_fast() && hot_api(header.api_key) != nullptr;
  if (!may_follow(hot && header.api_key == api::produce)) {
    held_ = true;
    return Start::held;
  }
  if (!hot) return answer_known(frame, header.correlation_id) ? Start::started : forward(frame, header.api_key);
  // A hot API at a version it does not have: the body cannot be told from noise.
  if (header.body_offset == 0) return Start::refused;
  return start_hot({frame, owner}, header);
}

Connection::Start Connection::start_hot(Frame frame, const RequestHeader& header) {
  // The batches of a Produce are written from where they lie, after this call.
  if (header.api_key == api::produce && !frame) {
    Frame own = buffer(frame.bytes.size());
    if (!own) return refused_ ? Start::refused : Start::held;
    std::memcpy(own.bytes.data(), frame.bytes.data(), frame.bytes.size());
    frame = std::move(own);
  }
  Request* request = reactor_.make_request(header, std::move(frame));
  if (request == nullptr) return Start::refused;
  push(request);
  return Start::started;
}

bool Connection::answer_known(Bytes frame, int32_t correlation_id) {
  if (listener_.session != SessionState::authenticated) return false;
  KnownAnswers::Answer known = reactor_.shared().known.find(listener_.number, frame);
  if (!known) return false;
  reactor_.shared().counters.add(abi::Counter::requests_known);
  push(new KnownRequest(correlation_id, std::move(known)));
  return true;
}

Connection::Start Connection::forward(Bytes frame, int16_t api_key) {
  abi::RequestEvent event{.connection = handle_, .listener = listener_.number, .peer_address = peer_, .frame = frame};
  const Urgency urgency = api_key == api::heartbeat ? Urgency::may_wait : Urgency::now;
  const Posted posted = reactor_.shared().events.post_request(event, reactor_, urgency, reactor_.now_ns());
  if (posted == Posted::refused) {
    main_wait_ = true;
    reactor_.wait_for_main(*this);
    return Start::held;
  }
  held_at_main_ = posted == Posted::held;
  if (held_at_main_) reactor_.ring_later();
  if (urgency == Urgency::may_wait) {
    waits_ = reactor_.now_ns() - heartbeat_ns_ >= patient_gap_ns && (waits_ || held_at_main_);
    heartbeat_ns_ = reactor_.now_ns();
  }
  known_to_main = true;
  reactor_.shared().counters.add(abi::Counter::requests_to_main);
  push(new MainRequest());
  return Start::started;
}

void Connection::push(Request* request) {
  request->connection = this;
  requests_.push_back(request);
  request->begin();
  // Its peer's end may have been seen while it still stood behind others.
  if (half_closed_) request->hurry();
  // What could be answered at once leaves the line at once, so that the parser does not have to come back for the next frame.
  if (requests_.front()->ready) {
    if (!answer_ready()) refuse();
    reactor_.mark(*this);
  }
}

Frame Connection::buffer(size_t size) {
  PlaneShared& shared = reactor_.shared();
  Reservation paid;
  if (granted_bytes_ > 0) {
    paid = {.budget = &shared.budget, .bytes = granted_bytes_};
    granted_bytes_ = 0;
  } else if (size <= small_frame_bytes_max && reactor_.reserve().try_take(size)) {
    paid = {.reserve = &reactor_.reserve(), .bytes = size};
  } else {
    wanted_bytes = size;
    if (!shared.budget.reserve_or_wait(*this)) {
      budget_wait_ = true;
      return {};
    }
    paid = {.budget = &shared.budget, .bytes = size};
  }
  Frame made = FrameBuffer::make(size, paid);
  if (!made) refuse();
  return made;
}

void Connection::granted() { reactor_.post(Granted{handle_, wanted_bytes}); }

void Connection::budget_granted(uint64_t bytes) {
  budget_wait_ = false;
  granted_bytes_ = bytes;
  reactor_.mark(*this);
}

void Connection::room_at_main() {
  main_wait_ = false;
  reactor_.mark(*this);
}

// A frame that arrives slower than anyone's network while others wait for its memory is given up.
void Connection::timer_due() {
  if (!frame_) return;
  const bool slow = frame_filled_ - trickle_from_ < trickle_bytes_min && !frame_rest().empty();
  if (slow && reactor_.shared().budget.crowded()) return close();
  trickle_from_ = frame_filled_;
  reactor_.timers().set(trickle_, reactor_.now_ns() + trickle_window_ns);
}

// ---- order ----

bool Connection::may_follow(bool produce) const {
  if (requests_.empty()) return true;
  const Request& last = *requests_.back();
  return produce && last.pipelined && last.placed && requests_.size() < pipelined_requests_max;
}

bool Connection::may_begin() const {
  if (closed_ || refused_ || draining_ || budget_wait_ || main_wait_ || send_blocked_) return false;
  return may_follow(true) && output_.pending_bytes() < output_bytes_max;
}

bool Connection::wants_read() const {
  if (ended_ || refused_ || draining_) return false;
  const bool paid = !frame_rest().empty();
  if (send_blocked_) return paid || (stash_.size() < read_ahead_bytes_max && reactor_.shared().budget.has_room(read_room_bytes_min));
  // A whole frame that lies here begins before anything more is read.
  const bool has_frame = stash_.size() >= frame_length_size;
  if (held_ || has_frame || !may_begin()) return false;
  return !frame_ || paid;
}

void Connection::proceed_frame() {
  if (!may_begin()) return;
  const Start outcome = start(frame_.bytes, frame_.owner);
  if (outcome == Start::held) return;
  drop_frame();
  if (outcome == Start::refused) refuse();
}

void Connection::drop_frame() {
  reactor_.timers().clear(trickle_);
  frame_ = {};
  frame_filled_ = 0;
}

void Connection::proceed() {
  held_ = false;
  if (frame_ && frame_rest().empty()) proceed_frame();
  if (!frame_ && !stash_.empty()) stash_.drop_front(parse(stash_.bytes(), {}));
  if (!stash_.empty()) hurry_main();
}

// ---- out ----

bool Connection::answer_ready() {
  while (!requests_.empty() && requests_.front()->ready) {
    Request* request = requests_.front();
    requests_.pop_front();
    const bool open = request->answer(output_);
    request->connection = nullptr;
    request->retire();
    if (!open) return false;
  }
  return true;
}

void Connection::settle() {
  if (closed_) return;
  if (!answer_ready()) refuse();
  const bool had_output = !output_.empty();
  const SendState sent = output_.send(*transport_);
  if (sent == SendState::failed) return close();
  if (had_output) reactor_.touch(*this);
  send_blocked_ = sent == SendState::blocked;
  if (!send_blocked_) proceed();
  if (closed_) return;
  // What is left after the peer's end, and not waiting for memory or main, will never become a frame.
  if (quiet() && (refused_ || draining_ || (ended_ && !budget_wait_ && !main_wait_))) return close();
  watch();
}

void Connection::respond(std::vector<std::byte> response) {
  if (closed_ || requests_.empty()) return;
  held_at_main_ = false;
  // Whatever main answers stands alone in the line (may_follow).
  requests_.front()->take_response(std::move(response));
}

// Something waits for the answer to what main may not have been told of.
void Connection::hurry_main() {
  if (!held_at_main_) return;
  held_at_main_ = false;
  reactor_.shared().events.ring_held();
}

void Connection::hurry_all() {
  hurry_main();
  for (size_t i = 0; i < requests_.size(); i++) requests_[i]->hurry();
}

void Connection::refuse() {
  refused_ = true;
  reactor_.mark(*this);
}

void Connection::drain() {
  draining_ = true;
  hurry_all();
  reactor_.mark(*this);
}

void Connection::watch(bool readable) {
  // A peer that waits for its answer sends nothing, so reading is only given up once there is something that must not be read.
  const uint32_t reading = wants_read() ? EPOLLIN : readable ? 0u : watched_ & EPOLLIN;
  const uint32_t wanted = reading | (half_closed_ ? 0u : EPOLLRDHUP) | (send_blocked_ ? EPOLLOUT : 0u);
  if (wanted == watched_ && waits_ == patient) return;
  watched_ = wanted;
  reactor_.watch(*this, wanted, waits_);
}

void Connection::close() {
  if (closed_) return;
  closed_ = true;
  drop_frame();
  if (budget_wait_) reactor_.shared().budget.forget(*this);
  for (Request* request : requests_) {
    request->connection = nullptr;
    if (request->abandon()) request->retire();
  }
  requests_.clear();
  reactor_.remove(*this);
}

}  // namespace milena
