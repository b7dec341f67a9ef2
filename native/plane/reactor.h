// One thread that owns connections: epoll, timers, a mailbox. At the end of each epoll round it drains the partitions whose drainer it
// has become, so that everything a round brought is written with few calls, then answers.
// Thread: post() and the Owner calls from any; everything else its own.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "plane/connection.h"
#include "plane/drain_round.h"
#include "plane/fetch_path.h"
#include "plane/offload_task.h"
#include "plane/owner.h"
#include "plane/patient_sockets.h"
#include "plane/plane_shared.h"
#include "plane/produce_path.h"
#include "plane/reactor_mail.h"
#include "plane/read_space.h"
#include "plane/thread.h"
#include "wire/codec.h"
#include "wire/frame.h"

namespace milena {

inline constexpr uint64_t frame_reserve_bytes = 16u << 20;     // of one reactor, for small frames
inline constexpr size_t epoll_events_max = 256;                // of one round

class Reactor final : public Owner, public RoomListener {
 public:
  Reactor(PlaneShared& shared, uint32_t number);
  ~Reactor() override;
  // io: no epoll, eventfd or thread to be had.
  Status start();
  // Ends the thread; connections are closed without waiting for anything.
  void stop();
  // After stop(), when nothing can post any more: takes what arrived since, for requests whose connections are gone. By whoever stops it.
  void finish();

  // Thread: any.
  void post(Mail mail);
  // All of them, in their order, with one bell; leaves `mail` empty.
  void post_all(std::vector<Mail>& mail);
  uint32_t number() const { return number_; }
  // Connections it has, those on their way to it included.
  size_t load() const { return load_.load(std::memory_order_relaxed); }
  void expect_connection() { load_.fetch_add(1, std::memory_order_relaxed); }

  // Owner. Thread: any.
  void completed(Append* append) override { post(Completed{append}); }
  void wake(FetchWaiter* waiter) override { post(Woken{waiter}); }
  void room(SpaceWaiter* waiter) override { post(Room{waiter}); }
  void take_drain(std::shared_ptr<Partition> partition) override { post(TakeDrain{std::move(partition)}); }
  bool may_drain() const override { return true; }
  void room_at_main() override { post(RoomAtMain{}); }

  // For its connections and their requests.
  PlaneShared& shared() { return shared_; }
  TimerQueue& timers() { return timers_; }
  FrameReserve& reserve() { return reserve_; }
  PartitionCache& partitions() { return partitions_; }
  CodecScratch& codecs() { return codecs_; }
  ReadSpace& space() { return space_; }
  int64_t now_ns() const { return now_ns_; }
  void mark(Connection& connection);
  void touch(Connection& connection);
  void watch(Connection& connection, uint32_t epoll_events, bool patient);
  void remove(Connection& connection);
  // At the end of this round.
  void disconnect(Connection* connection);
  void wait_for_main(Connection& connection);
  // The mailbox to main holds what this reactor has posted just now.
  void ring_later();
  // This round ends with partition->drain().
  void drain_later(std::shared_ptr<Partition> partition) { drains_.push_back(std::move(partition)); }
  // Runs the task on the pool, then its done() here.
  void offload(WorkerPool& pool, OffloadTask* task);
  // Null: malformed.
  Request* make_request(const RequestHeader& header, Frame frame);

 private:
  // One of the reactor's own deadlines, and what is due then.
  class Deadline final : public TimerTarget {
   public:
    Deadline(Reactor& reactor, void (Reactor::*due)()) : timer(*this), reactor_(reactor), due_(due) {}
    void timer_due() override { (reactor_.*due_)(); }
    Timer timer;

   private:
    Reactor& reactor_;
    void (Reactor::*const due_)();
  };
  struct Slot {
    std::unique_ptr<Connection> connection;
    uint32_t generation = 1;
  };

  void ring_bell();
  void run();
  void look();
  int epoll_of(const Connection& connection) const;
  void work();
  bool has_work();
  void take_mail();
  void bury();
  void handle(Completed& mail);
  void handle(Woken& mail);
  void handle(Room& mail);
  void handle(TakeDrain& mail);
  void handle(Adopt& mail);
  void handle(Respond& mail);
  void handle(Disconnect& mail);
  void handle(Granted& mail);
  void handle(Offloaded& mail);
  void handle(RoomAtMain& mail);
  void handle(BeginDrain& mail);
  void handle(Stop& mail);
  void close_idle();
  void ring_held();
  void unlink(Connection& connection);
  Connection* find(abi::ConnectionHandle handle);
  int wait_ms() const;

  PlaneShared& shared_;
  const uint32_t number_;
  UniqueFd epoll_;
  UniqueFd bell_;
  PatientSockets patients_;
  Thread thread_;
  std::atomic<std::thread::id> id_{};
  std::atomic<size_t> load_{0};

  std::mutex mutex_;
  std::vector<Mail> mail_;  // guarded by mutex_

  std::vector<Mail> taken_;
  std::vector<Mail> own_;  // posted by this thread to itself
  TimerQueue timers_;
  FrameReserve reserve_{frame_reserve_bytes};
  PartitionCache partitions_;
  CodecScratch codecs_;
  ReadSpace space_;
  int64_t now_ns_ = 0;
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_slots_;
  std::vector<Connection*> marked_;
  std::vector<std::shared_ptr<Partition>> drains_;
  std::vector<abi::ConnectionHandle> main_waiters_;
  std::vector<std::unique_ptr<Connection>> graveyard_;  // closed in this round; epoll may still name them
  Connection* newest_ = nullptr;
  Connection* oldest_ = nullptr;
  Deadline idle_;     // closes connections on which nothing has moved for connections.max.idle.ms, and on which nothing is awaited
  // Ends the wait of what this reactor has left with the mailbox to main, when it has nothing more to leave there; until then it is put off.
  // Every reactor sees to its own: one that is held up by a disk holds up nobody else's.
  Deadline holding_;
  Deadline looking_;  // at patient sockets
  DrainRound drain_round_;
  ProducePath produce_;
  bool draining_ = false;
  bool stopping_ = false;
};

}  // namespace milena
