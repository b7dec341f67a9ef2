// One data plane: log directories, partitions, reactors, acceptor, and the strait to main. Several may live in one process.
// Owner: the addon, or a test. Thread: main's, except where it says otherwise.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "os/posix_file.h"
#include "plane/acceptor.h"
#include "plane/partitions.h"
#include "plane/plane_failure.h"
#include "plane/plane_shared.h"
#include "plane/strait.h"

namespace milena {

inline constexpr std::chrono::milliseconds close_grace{2'000};  // for main to answer the requests it has, when a plane closes

class DataPlane {
 public:
  // Locks the log directories and starts every thread. `bell` is called from any thread when events wait; it must not block.
  static std::unique_ptr<DataPlane> open(const abi::Options& options, std::function<void()> bell, PlaneFailure& failure);
  ~DataPlane();

  // Returns the bound port, or 0 and the failure.
  uint16_t listen(const std::string& host, uint16_t port, bool fast_path, PlaneFailure& failure);
  // Applies a run of encoded commands in their order, except that those for connections go to their reactors together, behind all others.
  // False: one is none, or not allowed here; those before it have taken effect.
  bool submit(Bytes messages);
  // EventMailbox::drain.
  int64_t drain(MutableBytes into) { return mailbox_.drain(into); }
  const Counters& counters() const { return counters_; }

  // Refuses new work, answers what is in flight, syncs, writes checkpoints, ends every thread; then the event `stopped`. Idempotent.
  void begin_close();
  // Everything has ended, and main has been told: `stopped` was drained.
  bool stopped() { return mailbox_.finished(); }
  // The same without waiting for main, before it returns.
  void close_now();

 private:
  DataPlane(const abi::Options& options, std::function<void()> bell);
  bool start(const abi::Options& options, PlaneFailure& failure);
  void close(std::chrono::milliseconds grace);
  bool apply(const abi::Command& command);
  bool apply_all(Bytes messages);
  void gather(abi::ConnectionHandle connection, Mail mail);

  const bool fault_hooks_;
  SystemClock clock_;
  PosixFileSystem files_;
  Counters counters_;
  EventMailbox mailbox_;
  Strait strait_{mailbox_};
  MemoryBudget budget_;
  FetchSessionCache sessions_;
  KnownAnswers known_;
  ConnectionGate gate_;
  std::unique_ptr<Partitions> partitions_;
  WorkerPool computing_;
  std::vector<std::unique_ptr<WorkerPool>> reading_;
  std::unique_ptr<PlaneShared> shared_;
  std::vector<std::unique_ptr<Reactor>> reactors_;
  std::vector<std::vector<Mail>> gathered_;  // by reactor, for the length of a submit
  std::unique_ptr<Acceptor> acceptor_;
  uint32_t listeners_ = 0;

  std::mutex closing_;  // held while closing
  bool closed_ = false;  // guarded by closing_
  Thread closer_;
};

}  // namespace milena
