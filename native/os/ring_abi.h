// What Linux and a program share of an io_uring (io_uring_setup(2), io_uring_enter(2)). Declared here because build machines lack
// <linux/io_uring.h>, or have one older than their kernel; the test compares the two where the header is there.
#pragma once
#include <cstddef>
#include <cstdint>

namespace milena::ring_abi {

// System call numbers: the same on every architecture that Node runs on.
inline constexpr long setup_number = 425;
inline constexpr long enter_number = 426;

inline constexpr uint8_t op_writev = 2;
inline constexpr uint8_t op_fsync = 3;
inline constexpr uint32_t fsync_datasync = 1;
inline constexpr uint32_t enter_getevents = 1;

// Params::features
inline constexpr uint32_t feature_single_mmap = 1u << 0;  // both queues in one mapping (5.4)
inline constexpr uint32_t feature_nodrop = 1u << 1;       // a full completion queue loses nothing (5.5)

// Offsets for mmap(2).
inline constexpr int64_t map_queues = 0;
inline constexpr int64_t map_entries = 0x10000000;

struct SubmissionOffsets {
  uint32_t head, tail, ring_mask, ring_entries, flags, dropped, array, reserved;
  uint64_t user_address;
};
struct CompletionOffsets {
  uint32_t head, tail, ring_mask, ring_entries, overflow, entries, flags, reserved;
  uint64_t user_address;
};
struct Params {
  uint32_t sq_entries, cq_entries, flags, sq_thread_cpu, sq_thread_idle, features, wq_fd, reserved[3];
  SubmissionOffsets submission;
  CompletionOffsets completion;
};
struct Submission {
  uint8_t opcode, flags;
  uint16_t priority;
  int32_t descriptor;
  uint64_t offset;
  uint64_t address;
  uint32_t length;
  uint32_t operation_flags;
  uint64_t user_data;
  uint16_t buffer, personality;
  int32_t splice_descriptor;
  uint64_t padding[2];
};
struct Completion {
  uint64_t user_data;
  int32_t result;
  uint32_t flags;
};

static_assert(sizeof(Params) == 120 && offsetof(Params, submission) == 40 && offsetof(Params, completion) == 80);
static_assert(sizeof(Submission) == 64 && offsetof(Submission, user_data) == 32);
static_assert(sizeof(Completion) == 16);

}  // namespace milena::ring_abi
