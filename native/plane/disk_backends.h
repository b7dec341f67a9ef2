// Which system calls bring appends and group commits to the disk: what the operator wants, and what this machine allows.
#pragma once
#include <memory>
#include <string>

#include "os/ring.h"
#include "os/write_backend.h"
#include "plane/abi.gen.h"
#include "plane/sync_backend.h"

namespace milena {

struct DiskBackends {
  bool ring_appends = false;
  abi::SyncCalls syncs = abi::SyncCalls::threads;
};

// What of `wanted` can be had. `notice` says what is done instead, if something is; empty otherwise.
DiskBackends available_backends(DiskBackends wanted, std::string& notice, const RingCalls& calls = system_ring_calls);

// For the group commit of one log directory; null: threads.
std::unique_ptr<BatchSync> make_batch_sync(abi::SyncCalls calls, const std::string& directory);
// For one thread that appends; null: every partition writes for itself, by pwritev.
std::unique_ptr<WriteBackend> make_write_backend(bool ring_appends);

}  // namespace milena
