#include "plane/reactor.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "plane/leader_epoch_path.h"
#include "plane/list_offsets_path.h"
#include "plane/partition.h"

namespace milena {

namespace {

constexpr int rounds_per_poll_max = 8;  // of work that leads to work, before sockets are looked at again

}  // namespace

Reactor::Reactor(PlaneShared& shared, uint32_t number)
    : shared_(shared),
      number_(number),
      partitions_(shared.table),
      space_(shared.budget),
      idle_(*this, &Reactor::close_idle),
      holding_(*this, &Reactor::ring_held),
      looking_(*this, &Reactor::look),
      drain_round_(make_write_backend(shared.backends.ring_appends)),
      produce_(*this) {}

Reactor::~Reactor() { stop(); }

Status Reactor::start() {
  epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
  bell_.reset(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!epoll_ || !bell_) return Status::io(errno);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, bell_.get(), &event) != 0) return Status::io(errno);
  if (Status opened = patients_.open(epoll_.get(), &patients_); !opened) return opened;
  if (!thread_.start("reactor-" + std::to_string(number_), [this] { run(); })) return Status::io(EAGAIN);
  return {};
}

void Reactor::stop() {
  if (!thread_.running()) return;
  post(Stop{});
  thread_.join();
}

void Reactor::post(Mail mail) {
  if (id_.load(std::memory_order_relaxed) == std::this_thread::get_id()) {
    own_.push_back(std::move(mail));
    return;
  }
  bool ring = false;
  {
    const std::lock_guard hold(mutex_);
    ring = mail_.empty();
    mail_.push_back(std::move(mail));
  }
  if (ring) ring_bell();
}

void Reactor::post_all(std::vector<Mail>& mail) {
  if (mail.empty()) return;
  bool ring = false;
  {
    const std::lock_guard hold(mutex_);
    ring = mail_.empty();
    mail_.insert(mail_.end(), std::make_move_iterator(mail.begin()), std::make_move_iterator(mail.end()));
  }
  mail.clear();
  if (ring) ring_bell();
}

void Reactor::ring_bell() {
  const uint64_t one = 1;
  static_cast<void>(!::write(bell_.get(), &one, sizeof one));  // a full eventfd is readable already
}

int Reactor::wait_ms() const {
  if (!own_.empty() || !marked_.empty() || !drains_.empty()) return 0;
  const int64_t due_ns = timers_.next_due_ns();
  if (due_ns == INT64_MAX) return -1;
  const int64_t left_ns = due_ns - shared_.clock.monotonic_ns();
  if (left_ns <= 0) return 0;
  return static_cast<int>(std::min<int64_t>((left_ns + 999'999) / 1'000'000, 60'000));
}

void Reactor::run() {
  id_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  std::array<epoll_event, epoll_events_max> events;
  while (!stopping_) {
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), wait_ms());
    now_ns_ = shared_.clock.monotonic_ns();
    for (int i = 0; i < count; i++) {
      const epoll_event& event = events[static_cast<size_t>(i)];
      if (event.data.ptr == &patients_) {
        look();
      } else if (event.data.ptr != nullptr) {
        static_cast<Connection*>(event.data.ptr)->on_events(event.events);
      } else {
        uint64_t rings = 0;
        static_cast<void>(!::read(bell_.get(), &rings, sizeof rings));
      }
    }
    work();
  }
  for (Slot& slot : slots_)
    if (slot.connection) slot.connection->close();
  work();
  if (patients_.gathers()) shared_.events.forget_gatherer();
}

// What has come from those that need not be seen at once. main is told when every reactor that gathers has looked.
void Reactor::look() {
  const bool gathered = patients_.gathers();
  std::array<epoll_event, epoll_events_max> events;
  for (const epoll_event& event : patients_.look(events, now_ns_)) static_cast<Connection*>(event.data.ptr)->on_events(event.events);
  if (patients_.gathers()) timers_.set(looking_.timer, patients_.next_look_ns());
  if (gathered && patients_.gathers()) {
    timers_.clear(holding_.timer);
    shared_.events.gathered(now_ns_ / look_interval_ns);
  } else if (gathered) {
    shared_.events.forget_gatherer();
  } else if (patients_.gathers()) {
    shared_.events.expect_gatherer();
  }
}

void Reactor::finish() {
  id_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  work();
}

bool Reactor::has_work() { return !own_.empty() || !marked_.empty() || !drains_.empty(); }

// What the round brought: mail and deadlines, then one gather per partition, then answers, then what those made possible.
void Reactor::work() {
  take_mail();
  timers_.run(now_ns_);
  for (int round = 0; round < rounds_per_poll_max && has_work(); round++) {
    std::vector<std::shared_ptr<Partition>> drains;
    drains.swap(drains_);
    drain_round_.drain(drains);
    taken_.swap(own_);
    for (Mail& mail : taken_) std::visit([this](auto& letter) { handle(letter); }, mail);
    taken_.clear();
    std::vector<Connection*> marked;
    marked.swap(marked_);
    for (Connection* connection : marked) {
      connection->marked = false;
      connection->settle();
    }
  }
  bury();
}

// Nothing names a closed connection after the round that closed it.
void Reactor::bury() {
  std::erase_if(marked_, [](const Connection* connection) { return connection->closed(); });
  for (; !graveyard_.empty(); shared_.gate.leave()) graveyard_.pop_back();
}

void Reactor::take_mail() {
  {
    const std::lock_guard hold(mutex_);
    taken_.swap(mail_);
  }
  for (Mail& mail : taken_) std::visit([this](auto& letter) { handle(letter); }, mail);
  taken_.clear();
}

void Reactor::handle(Completed& mail) { produce_.completed(*mail.append); }
void Reactor::handle(Woken& mail) { FetchPath::woken(*mail.waiter); }
void Reactor::handle(Room& mail) { produce_.room(*mail.waiter); }
void Reactor::handle(TakeDrain& mail) { drains_.push_back(std::move(mail.partition)); }
void Reactor::handle(Offloaded& mail) { mail.task->done(); }

void Reactor::handle(Adopt& mail) {
  if (draining_) {
    load_.fetch_sub(1, std::memory_order_relaxed);
    mail.socket.reset();
    shared_.gate.leave();
    return;
  }
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const uint32_t number = free_slots_.back();
  free_slots_.pop_back();
  Slot& slot = slots_[number];
  const abi::ConnectionHandle handle{number * static_cast<uint32_t>(reactors_max) + number_, slot.generation};
  slot.connection = std::make_unique<Connection>(*this, std::make_unique<PlainTransport>(std::move(mail.socket)), handle, mail.listener,
                                                 std::move(mail.peer));
  Connection& connection = *slot.connection;
  touch(connection);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP;
  event.data.ptr = &connection;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection.descriptor(), &event) != 0) connection.close();
}

void Reactor::handle(Respond& mail) {
  if (Connection* connection = find(mail.connection)) connection->respond(std::move(mail.response));
}

void Reactor::handle(Disconnect& mail) {
  if (Connection* connection = find(mail.connection)) connection->close();
}

void Reactor::handle(Granted& mail) {
  if (Connection* connection = find(mail.connection)) connection->budget_granted(mail.bytes);
  else shared_.budget.release(mail.bytes);
}

void Reactor::handle(RoomAtMain&) {
  std::vector<abi::ConnectionHandle> waiters;
  waiters.swap(main_waiters_);
  for (const abi::ConnectionHandle handle : waiters)
    if (Connection* connection = find(handle)) connection->room_at_main();
}

void Reactor::handle(BeginDrain&) {
  draining_ = true;
  for (Slot& slot : slots_)
    if (slot.connection) slot.connection->drain();
}

void Reactor::handle(Stop&) { stopping_ = true; }

Connection* Reactor::find(abi::ConnectionHandle handle) {
  const uint32_t number = handle.index / static_cast<uint32_t>(reactors_max);
  if (number >= slots_.size() || slots_[number].generation != handle.generation) return nullptr;
  return slots_[number].connection.get();
}

void Reactor::mark(Connection& connection) {
  if (connection.marked || connection.closed()) return;
  connection.marked = true;
  marked_.push_back(&connection);
}

int Reactor::epoll_of(const Connection& connection) const { return connection.patient ? patients_.descriptor() : epoll_.get(); }

void Reactor::watch(Connection& connection, uint32_t epoll_events, bool patient) {
  epoll_event event{};
  event.events = epoll_events;
  event.data.ptr = &connection;
  int change = EPOLL_CTL_MOD;
  if (patient != connection.patient) {
    ::epoll_ctl(epoll_of(connection), EPOLL_CTL_DEL, connection.descriptor(), nullptr);
    connection.patient = patient;
    change = EPOLL_CTL_ADD;
  }
  if (::epoll_ctl(epoll_of(connection), change, connection.descriptor(), &event) != 0) connection.close();
}

void Reactor::remove(Connection& connection) {
  ::epoll_ctl(epoll_of(connection), EPOLL_CTL_DEL, connection.descriptor(), nullptr);
  unlink(connection);
  const abi::ConnectionHandle handle = connection.handle();
  if (connection.known_to_main) shared_.events.post(abi::ClosedEvent{handle});
  const uint32_t number = handle.index / static_cast<uint32_t>(reactors_max);
  Slot& slot = slots_[number];
  slot.generation++;
  graveyard_.push_back(std::move(slot.connection));
  free_slots_.push_back(number);
  load_.fetch_sub(1, std::memory_order_relaxed);
  shared_.counters.add(abi::Counter::connections_closed);
}

void Reactor::disconnect(Connection* connection) {
  if (connection != nullptr) own_.push_back(Disconnect{connection->handle()});
}

void Reactor::ring_held() { shared_.events.ring_held(); }

void Reactor::ring_later() { timers_.set(holding_.timer, now_ns_ + held_ns_max); }

void Reactor::wait_for_main(Connection& connection) { main_waiters_.push_back(connection.handle()); }

void Reactor::offload(WorkerPool& pool, OffloadTask* task) {
  pool.submit([this, task] {
    task->run();
    post(Offloaded{task});
  });
}

// ---- idle connections: a line by last activity, one timer for its end ----

void Reactor::unlink(Connection& connection) {
  (connection.newer != nullptr ? connection.newer->older : newest_) = connection.older;
  (connection.older != nullptr ? connection.older->newer : oldest_) = connection.newer;
  connection.newer = connection.older = nullptr;
}

void Reactor::touch(Connection& connection) {
  connection.active_ns = now_ns_;
  if (newest_ != &connection) {
    if (connection.older != nullptr || connection.newer != nullptr) unlink(connection);
    connection.older = newest_;
    if (newest_ != nullptr) newest_->newer = &connection;
    newest_ = &connection;
    if (oldest_ == nullptr) oldest_ = &connection;
  }
  if (shared_.limits.idle_ns_max > 0 && !idle_.timer.is_set()) timers_.set(idle_.timer, now_ns_ + shared_.limits.idle_ns_max);
}

void Reactor::close_idle() {
  const int64_t limit_ns = now_ns_ - shared_.limits.idle_ns_max;
  while (oldest_ != nullptr && oldest_->active_ns <= limit_ns) {
    // One that waits for its answer is not idle.
    if (oldest_->quiet()) oldest_->close();
    else touch(*oldest_);
  }
  if (oldest_ != nullptr) timers_.set(idle_.timer, oldest_->active_ns + shared_.limits.idle_ns_max);
}

Request* Reactor::make_request(const RequestHeader& header, Frame frame) {
  switch (header.api_key) {
    case api::produce: return produce_.make(header, std::move(frame));
    case api::fetch: return FetchPath::make(*this, header, frame.bytes);
    case api::list_offsets: return make_list_offsets(*this, header, frame.bytes);
    case api::offset_for_leader_epoch: return make_leader_epoch(*this, header, frame.bytes);
    default: return nullptr;
  }
}

}  // namespace milena
