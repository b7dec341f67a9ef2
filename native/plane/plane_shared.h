// What every reactor of a plane works with. Owner: DataPlane; outlives the reactors.
#pragma once
#include <memory>
#include <vector>

#include "base/clock.h"
#include "plane/connection_gate.h"
#include "plane/counters.h"
#include "plane/disk_backends.h"
#include "plane/event_mailbox.h"
#include "plane/fetch_session_cache.h"
#include "plane/known_answers.h"
#include "plane/memory_budget.h"
#include "plane/partition_table.h"
#include "plane/worker_pool.h"

namespace milena {

struct ConnectionLimits {
  int32_t request_bytes_max = 100 << 20;        // socket.request.max.bytes
  int64_t idle_ns_max = 600'000'000'000;        // connections.max.idle.ms; not positive: never
  int32_t send_buffer_bytes = 0;                // socket.send.buffer.bytes; not positive: the system's
  int32_t receive_buffer_bytes = 0;             // socket.receive.buffer.bytes
  int32_t fetch_bytes_max = 55 << 20;           // fetch.max.bytes
};

struct PlaneShared {
  Clock& clock;
  const PartitionTable& table;
  EventMailbox& events;
  MemoryBudget& budget;
  Counters& counters;
  FetchSessionCache& sessions;
  const KnownAnswers& known;
  ConnectionGate& gate;
  WorkerPool& computing;                                // long validations
  std::vector<std::unique_ptr<WorkerPool>>& reading;    // per log directory: cold reads and scans, so that a hung disk stalls its own only
  ConnectionLimits limits;
  DiskBackends backends{};
};

}  // namespace milena
