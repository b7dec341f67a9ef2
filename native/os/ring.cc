#include "os/ring.h"

#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cerrno>

namespace milena {

namespace {

using namespace ring_abi;

int system_setup(uint32_t entries, Params* params) { return static_cast<int>(::syscall(setup_number, entries, params)); }

int system_enter(int ring, uint32_t submit, uint32_t wait_for, uint32_t flags) {
  return static_cast<int>(::syscall(enter_number, ring, submit, wait_for, flags, nullptr, 0));
}

uint32_t load_acquire(uint32_t& word) { return std::atomic_ref(word).load(std::memory_order_acquire); }
void store_release(uint32_t& word, uint32_t value) { std::atomic_ref(word).store(value, std::memory_order_release); }

}  // namespace

const RingCalls system_ring_calls{system_setup, system_enter};

bool is_ring_refusal(int32_t result) {
  return result == -EAGAIN || result == -EINTR || result == -EINVAL || result == -EOPNOTSUPP || result == -ECANCELED || result == -EPERM ||
         result == -EACCES;
}

Result<std::unique_ptr<Ring>> Ring::open(uint32_t entries, const RingCalls& calls) {
  Params params{};
  UniqueFd fd(calls.setup(entries, &params));
  if (!fd) return Status::io(errno);
  constexpr uint32_t needed = feature_single_mmap | feature_nodrop;
  if ((params.features & needed) != needed) return Status::io(ENOSYS);
  std::unique_ptr<Ring> ring(new Ring(std::move(fd), params, calls));
  if (const Status status = ring->map(params); !status) return status;
  return ring;
}

Ring::Ring(UniqueFd fd, const Params& params, const RingCalls& calls)
    : fd_(std::move(fd)), calls_(calls), capacity_(std::min(params.sq_entries, params.cq_entries)) {}

Status Ring::map(const Params& params) {
  queues_bytes_ = std::max<size_t>(params.submission.array + params.sq_entries * sizeof(uint32_t),
                                   params.completion.entries + params.cq_entries * sizeof(Completion));
  const auto mapped = [this](size_t bytes, int64_t offset) {
    return ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd_.get(), static_cast<off_t>(offset));
  };
  void* const queues = mapped(queues_bytes_, map_queues);
  if (queues == MAP_FAILED) return Status::io(errno);
  queues_ = static_cast<std::byte*>(queues);
  void* const entries = mapped(capacity_ * sizeof(Submission), map_entries);
  if (entries == MAP_FAILED) return Status::io(errno);
  submissions_ = static_cast<Submission*>(entries);
  completions_ = reinterpret_cast<Completion*>(queues_ + params.completion.entries);
  submission_tail_ = &word(params.submission.tail);
  completion_head_ = &word(params.completion.head);
  completion_tail_ = &word(params.completion.tail);
  completion_mask_ = word(params.completion.ring_mask);
  // Entries are used in turn, so the indirection of the queue never changes.
  for (uint32_t i = 0; i < params.sq_entries; i++) word(params.submission.array + i * static_cast<uint32_t>(sizeof(uint32_t))) = i;
  tail_ = *submission_tail_;
  return {};
}

Ring::~Ring() {
  assert(in_flight_ == 0);
  if (submissions_ != nullptr) ::munmap(submissions_, capacity_ * sizeof(Submission));
  if (queues_ != nullptr) ::munmap(queues_, queues_bytes_);
}

uint32_t& Ring::word(uint32_t offset) const { return *reinterpret_cast<uint32_t*>(queues_ + offset); }

// Never more under way than the completion queue holds, so that it cannot overflow.
Submission* Ring::next() {
  if (added_ + in_flight_ == capacity_) return nullptr;
  Submission* const entry = &submissions_[tail_ & (capacity_ - 1)];
  tail_++;
  added_++;
  *entry = {};
  return entry;
}

bool Ring::add_sync(int descriptor, uint64_t tag) {
  Submission* const entry = next();
  if (entry == nullptr) return false;
  entry->opcode = op_fsync;
  entry->descriptor = descriptor;
  entry->operation_flags = fsync_datasync;
  entry->user_data = tag;
  return true;
}

bool Ring::add_write(int descriptor, uint64_t position, std::span<const iovec> slices, uint64_t tag) {
  Submission* const entry = next();
  if (entry == nullptr) return false;
  entry->opcode = op_writev;
  entry->descriptor = descriptor;
  entry->offset = position;
  entry->address = reinterpret_cast<uintptr_t>(slices.data());
  entry->length = static_cast<uint32_t>(slices.size());
  entry->user_data = tag;
  return true;
}

size_t Ring::wait(std::span<RingCompletion> into) {
  store_release(*submission_tail_, tail_);
  while (added_ + in_flight_ > 0) {
    if (added_ == 0) {
      if (const size_t ended = reap(into); ended > 0) return ended;
    }
    const int taken = calls_.enter(fd_.get(), added_, 1, enter_getevents);
    if (taken >= 0) {
      added_ -= static_cast<uint32_t>(taken);
      in_flight_ += static_cast<uint32_t>(taken);
    } else if (errno != EINTR) {
      // Short of memory or of room. What is in flight will end; what was never taken is the caller's again.
      if (const size_t ended = reap(into); ended > 0) return ended;
      if (in_flight_ == 0) return take_back(into);
      ::sched_yield();
    }
  }
  return 0;
}

size_t Ring::reap(std::span<RingCompletion> into) {
  uint32_t head = *completion_head_;  // nobody else writes it
  const uint32_t tail = load_acquire(*completion_tail_);
  size_t count = 0;
  for (; head != tail && count < into.size(); head++, count++) {
    const Completion& ended = completions_[head & completion_mask_];
    into[count] = {ended.user_data, ended.result};
  }
  store_release(*completion_head_, head);
  in_flight_ -= static_cast<uint32_t>(count);
  return count;
}

// The kernel looks at the queue only in enter(), so what it has not taken can be withdrawn, the newest first.
size_t Ring::take_back(std::span<RingCompletion> into) {
  size_t count = 0;
  for (; added_ > 0 && count < into.size(); count++) {
    tail_--;
    added_--;
    into[count] = {submissions_[tail_ & (capacity_ - 1)].user_data, -EAGAIN};
  }
  store_release(*submission_tail_, tail_);
  return count;
}

}  // namespace milena
