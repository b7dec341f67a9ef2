#include "plane/disk_backends.h"

#include <system_error>

#include "os/ring_writes.h"
#include "plane/file_system_sync.h"
#include "plane/ring_sync.h"

namespace milena {

using abi::SyncCalls;

namespace {

std::string words_of(Status why) { return std::generic_category().message(why.cause); }

std::unique_ptr<BatchSync> make_ring_sync() {
  Result<std::unique_ptr<Ring>> ring = Ring::open(ring_syncs_max);
  return ring ? std::make_unique<RingSync>(std::move(*ring)) : nullptr;
}

}  // namespace

DiskBackends available_backends(DiskBackends wanted, std::string& notice, const RingCalls& calls) {
  DiskBackends available = wanted;
  if (wanted.ring_appends || wanted.syncs == SyncCalls::io_uring) {
    if (const Status status = Ring::open(ring_writes_max, calls).why(); !status) {
      notice = "io_uring is not available here (" + words_of(status) + "):";
      if (wanted.syncs == SyncCalls::io_uring) {
        available.syncs = SyncCalls::threads;
        notice += " files are synced by threads";
      }
      if (wanted.ring_appends) {
        available.ring_appends = false;
        notice += std::string(wanted.syncs == SyncCalls::io_uring ? "," : "") + " batches are written by pwritev";
      }
    }
  }
  if (wanted.syncs == SyncCalls::syncfs) {
    if (const Status status = FileSystemFlush::supported(); !status) {
      available.syncs = SyncCalls::threads;
      notice += std::string(notice.empty() ? "" : "; ") + "syncfs cannot be relied on here (" + words_of(status) + "): files are synced by threads";
    }
  }
  return available;
}

std::unique_ptr<BatchSync> make_batch_sync(SyncCalls calls, const std::string& directory) {
  switch (calls) {
    case SyncCalls::threads: return nullptr;
    case SyncCalls::io_uring: return make_ring_sync();
    case SyncCalls::syncfs: {
      Result<std::unique_ptr<FileSystemFlush>> opened = FileSystemFlush::open(directory);
      if (!opened) return nullptr;
      const std::shared_ptr<FileSystemFlush> flush = std::move(*opened);
      return std::make_unique<FileSystemSync>([flush] { return flush->run(); }, make_ring_sync());
    }
  }
  return nullptr;
}

std::unique_ptr<WriteBackend> make_write_backend(bool ring_appends) {
  if (!ring_appends) return nullptr;
  Result<std::unique_ptr<Ring>> ring = Ring::open(ring_writes_max);
  return ring ? std::make_unique<RingWrites>(std::move(*ring)) : nullptr;
}

}  // namespace milena
