#include "plane/connection.h"

#include <sys/epoll.h>

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
  if (frame_ && frame_filled_ < frame_->bytes().size()) read_frame();
  else if (send_blocked_) read_ahead();
  else read_frames();
  if (!closed_) watch();
}

void Connection::read_frame() {
  const MutableBytes rest = frame_->bytes().subspan(frame_filled_);
  const IoResult got = transport_->recv(rest);
  if (got.state == IoState::would_block) return;
  if (got.state == IoState::failed) return close();
  if (got.state == IoState::ended) return ended();
  reactor_.shared().counters.add(abi::Counter::bytes_in, static_cast<int64_t>(got.bytes));
  frame_filled_ += got.bytes;
  if (got.bytes == rest.size()) proceed_frame();
}

// Reads what is there, usually whole frames, into the reactor's scratch, and copies only what cannot begin yet.
void Connection::read_frames() {
  const MutableBytes scratch = reactor_.scratch();
  const size_t before = stash_.size();
  if (before > 0) std::memcpy(scratch.data(), stash_.bytes().data(), before);
  const size_t room = reactor_.shared().budget.crowded() ? std::min(scarce_read_bytes, scratch.size() - before) : scratch.size() - before;
  const IoResult got = transport_->recv(scratch.subspan(before, room));
  if (got.state == IoState::would_block) return;
  if (got.state == IoState::failed) return close();
  if (got.state == IoState::ended) return ended();
  reactor_.shared().counters.add(abi::Counter::bytes_in, static_cast<int64_t>(got.bytes));
  const MutableBytes input = scratch.first(before + got.bytes);
  stash_.drop_front(before);
  const MutableBytes rest = input.subspan(parse(input));
  if (closed_ || rest.empty()) return;
  stash_.append(rest);
  hurry_main();
}

// Nothing begins before the peer takes its answers, but it may be unable to say so before its own bytes are taken.
void Connection::read_ahead() {
  const MutableBytes scratch = reactor_.scratch();
  const IoResult got = transport_->recv(scratch);
  if (got.state == IoState::would_block) return;
  if (got.state == IoState::failed) return close();
  if (got.state == IoState::ended) return ended();
  reactor_.shared().counters.add(abi::Counter::bytes_in, static_cast<int64_t>(got.bytes));
  stash_.append(scratch.first(got.bytes));
}

void Connection::ended() {
  ended_ = half_closed_ = true;
  hurry_all();
  reactor_.mark(*this);
}

// Begins the frames at the front of `input`; returns the bytes that are done with.
size_t Connection::parse(MutableBytes input) {
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
      frame_ = buffer(frame_size);
      if (!frame_) break;
      std::memcpy(frame_->bytes().data(), rest.data(), rest.size());
      frame_filled_ = trickle_from_ = rest.size();
      reactor_.timers().set(trickle_, reactor_.now_ns() + trickle_window_ns);
      return input.size();
    }
    const Start outcome = start(rest.first(frame_size), nullptr);
    if (outcome == Start::refused) refuse();
    if (outcome != Start::started) break;
    at += frame_length_size + frame_size;
  }
  return at;
}

Connection::Start Connection::start(MutableBytes frame, std::shared_ptr<FrameBuffer> owner) {
  RequestHeader header;
  if (!parse_request_header(frame, header)) return Start::refused;
  const bool hot = is_fast() && hot_api(header.api_key) != nullptr;
  if (!may_follow(hot && header.api_key == api::produce)) {
    held_ = true;
    return Start::held;
  }
  if (!hot) return answer_known(frame, header.correlation_id) ? Start::started : forward(frame, header.api_key);
  // A hot API at a version it does not have: the body cannot be told from noise.
  if (header.body_offset == 0) return Start::refused;
  return start_hot(frame, std::move(owner), header);
}

Connection::Start Connection::start_hot(MutableBytes frame, std::shared_ptr<FrameBuffer> owner, const RequestHeader& header) {
  // The batches of a Produce are written from where they lie, after this call.
  if (header.api_key == api::produce && !owner) {
    owner = buffer(frame.size());
    if (!owner) return refused_ ? Start::refused : Start::held;
    std::memcpy(owner->bytes().data(), frame.data(), frame.size());
  }
  if (owner) frame = owner->bytes();
  Request* request = reactor_.make_request(header, frame, std::move(owner));
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

std::shared_ptr<FrameBuffer> Connection::buffer(size_t size) {
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
      return nullptr;
    }
    paid = {.budget = &shared.budget, .bytes = size};
  }
  std::shared_ptr<FrameBuffer> made = FrameBuffer::make(size, paid);
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
  const bool slow = frame_filled_ - trickle_from_ < trickle_bytes_min && frame_filled_ < frame_->bytes().size();
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
  const bool paid = frame_ && frame_filled_ < frame_->bytes().size();
  if (send_blocked_) return paid || (stash_.size() < read_ahead_bytes_max && reactor_.shared().budget.has_room(scratch_bytes));
  // A whole frame that lies here begins before anything more is read.
  const bool has_frame = stash_.size() >= frame_length_size;
  if (held_ || has_frame || !may_begin()) return false;
  return !frame_ || paid;
}

void Connection::proceed_frame() {
  if (!may_begin()) return;
  const Start outcome = start(frame_->bytes(), frame_);
  if (outcome == Start::held) return;
  reactor_.timers().clear(trickle_);
  frame_.reset();
  if (outcome == Start::refused) refuse();
}

void Connection::proceed() {
  held_ = false;
  if (frame_ && frame_filled_ == frame_->bytes().size()) proceed_frame();
  if (!frame_ && !stash_.empty()) stash_.drop_front(parse(stash_.bytes()));
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
  if (wanted == watched_) return;
  watched_ = wanted;
  reactor_.watch(*this, wanted);
}

void Connection::close() {
  if (closed_) return;
  closed_ = true;
  reactor_.timers().clear(trickle_);
  if (budget_wait_) reactor_.shared().budget.forget(*this);
  for (Request* request : requests_) {
    request->connection = nullptr;
    if (request->abandon()) request->retire();
  }
  requests_.clear();
  frame_.reset();
  reactor_.remove(*this);
}

}  // namespace milena
