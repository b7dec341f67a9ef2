// How writes to several files, which become due together, reach the disk. One interface, two ways: pwritev, one file after the other, and
// io_uring, all with one system call. Which is faster depends on the file system (docs/performance.md).
// Thread: one at a time.
#pragma once
#include <cstdint>
#include <span>

#include "os/file.h"

namespace milena {

struct PendingWrite {
  File* file = nullptr;
  uint64_t position = 0;
  std::span<const iovec> slices;
  WriteOutcome outcome{};  // the answer; as of File::write_at
};

class WriteBackend {
 public:
  virtual ~WriteBackend() = default;
  // No two writes to the same file. Returns when all have ended.
  virtual void run(std::span<PendingWrite> writes) = 0;
};

class PlainWrites final : public WriteBackend {
 public:
  void run(std::span<PendingWrite> writes) override {
    for (PendingWrite& write : writes) write.outcome = write.file->write_at(write.position, write.slices);
  }
};

}  // namespace milena
