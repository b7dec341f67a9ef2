// An io_uring by raw system calls: operations are added, submitted with one call and awaited together.
// Owner: one thread at a time (single issuer); nothing may be in flight when it is destroyed.
// io_uring is missing or forbidden on many machines (old kernels, containers, seccomp): open() then fails, which is normal.
#pragma once
#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <span>

#include "base/status.h"
#include "base/unique_fd.h"
#include "os/ring_abi.h"

namespace milena {

// The two system calls, so that tests can forbid, interrupt or starve them. They return -1 and set errno.
struct RingCalls {
  int (*setup)(uint32_t entries, ring_abi::Params* params);
  int (*enter)(int ring, uint32_t submit, uint32_t wait_for, uint32_t flags);
};
extern const RingCalls system_ring_calls;

struct RingCompletion {
  uint64_t tag;
  int32_t result;  // bytes or 0; -errno
};

// The operation was not carried out by the ring and says nothing about the file: the plain system call is to be made instead.
bool is_ring_refusal(int32_t result);

class Ring {
 public:
  // At most `entries` operations in flight, a power of two.
  static Result<std::unique_ptr<Ring>> open(uint32_t entries, const RingCalls& calls = system_ring_calls);
  ~Ring();
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  // False: as many as fit are under way, wait() first.
  bool add_sync(int descriptor, uint64_t tag);
  // The slices stay where they are until the operation has ended; at most IOV_MAX.
  bool add_write(int descriptor, uint64_t position, std::span<const iovec> slices, uint64_t tag);
  // Submits what was added and waits until at least one operation has ended. Returns how many it put into `into`; 0: none was under way.
  size_t wait(std::span<RingCompletion> into);

 private:
  Ring(UniqueFd fd, const ring_abi::Params& params, const RingCalls& calls);
  Status map(const ring_abi::Params& params);
  ring_abi::Submission* next();
  size_t reap(std::span<RingCompletion> into);
  size_t take_back(std::span<RingCompletion> into);
  uint32_t& word(uint32_t offset) const;

  const UniqueFd fd_;
  const RingCalls calls_;
  const uint32_t capacity_;
  std::byte* queues_ = nullptr;
  size_t queues_bytes_ = 0;
  ring_abi::Submission* submissions_ = nullptr;
  ring_abi::Completion* completions_ = nullptr;
  // Words shared with the kernel; only through std::atomic_ref.
  uint32_t* submission_tail_ = nullptr;
  uint32_t* completion_head_ = nullptr;
  uint32_t* completion_tail_ = nullptr;
  uint32_t completion_mask_ = 0;
  uint32_t tail_ = 0;       // of the submission queue, what was added included
  uint32_t added_ = 0;      // not yet taken by the kernel
  uint32_t in_flight_ = 0;  // taken, not yet ended
};

}  // namespace milena
