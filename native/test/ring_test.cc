// The ring, the batches that go through it, and what happens where the kernel has none to give.
#include "os/ring.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <string>
#include <vector>

#include "os/posix_file.h"
#include "os/ring_writes.h"
#include "test/check.h"
#include "test/scratch_folder.h"

#if __has_include(<linux/io_uring.h>)
#include <linux/io_uring.h>
static_assert(sizeof(io_uring_params) == sizeof(milena::ring_abi::Params) && sizeof(io_uring_sqe) == sizeof(milena::ring_abi::Submission));
static_assert(offsetof(io_uring_params, cq_off) == offsetof(milena::ring_abi::Params, completion));
static_assert(offsetof(io_sqring_offsets, array) == offsetof(milena::ring_abi::SubmissionOffsets, array));
static_assert(offsetof(io_cqring_offsets, cqes) == offsetof(milena::ring_abi::CompletionOffsets, entries));
static_assert(offsetof(io_uring_sqe, fsync_flags) == offsetof(milena::ring_abi::Submission, operation_flags));
static_assert(offsetof(io_uring_sqe, len) == offsetof(milena::ring_abi::Submission, length));
static_assert(IORING_OP_WRITEV == milena::ring_abi::op_writev && IORING_OP_FSYNC == milena::ring_abi::op_fsync);
static_assert(IORING_FSYNC_DATASYNC == milena::ring_abi::fsync_datasync && IORING_OFF_SQES == milena::ring_abi::map_entries);
#endif

namespace milena::test {
namespace {

std::string folder;

std::vector<std::byte> bytes(size_t count, char with) { return std::vector<std::byte>(count, static_cast<std::byte>(with)); }

std::string content(const std::string& path) {
  PosixFileSystem files;
  auto file = files.open(path, OpenMode::read);
  if (!file) return "missing";
  std::string text(*(*file)->size(), '\0');
  static_cast<void>((*file)->read_at(0, std::as_writable_bytes(std::span(text))));
  return text;
}

// ---- system calls that do what a test wants ----

std::atomic<int> interruptions{0}, refusals{0}, takes_max{1000};

int enter_badly(int ring, uint32_t submit, uint32_t wait_for, uint32_t flags) {
  if (interruptions.fetch_sub(1) > 0) return errno = EINTR, -1;
  if (refusals.fetch_sub(1) > 0) return errno = EAGAIN, -1;
  const uint32_t taken = std::min(submit, static_cast<uint32_t>(takes_max.load()));
  return system_ring_calls.enter(ring, taken, taken < submit ? 0 : wait_for, flags);
}

int setup_forbidden(uint32_t, ring_abi::Params*) { return errno = EPERM, -1; }
int setup_missing(uint32_t, ring_abi::Params*) { return errno = ENOSYS, -1; }
int setup_old(uint32_t entries, ring_abi::Params* params) {
  const int ring = system_ring_calls.setup(entries, params);
  params->features = 0;
  return ring;
}

std::unique_ptr<Ring> a_ring(uint32_t entries, const RingCalls& calls = system_ring_calls) {
  auto ring = Ring::open(entries, calls);
  REQUIRE(ring);
  return std::move(*ring);
}

// ---- the ring itself ----

void a_forbidden_ring_is_refused_with_its_reason() {
  CHECK_EQ(Ring::open(8, {setup_forbidden, enter_badly}).why().cause, EPERM);
  CHECK_EQ(Ring::open(8, {setup_missing, enter_badly}).why().cause, ENOSYS);
  CHECK_EQ(Ring::open(8, {setup_old, enter_badly}).why().cause, ENOSYS);
}

void no_more_than_fit_are_under_way() {
  const auto ring = a_ring(4);
  const int file = ::open((folder + "/full").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  std::array<RingCompletion, 8> ended;
  CHECK_EQ(ring->wait(ended), 0u);
  for (int round = 0; round < 100; round++) {
    for (uint64_t i = 0; i < 4; i++) CHECK(ring->add_sync(file, i));
    CHECK(!ring->add_sync(file, 4));
    uint64_t seen = 0;
    size_t total = 0;
    while (const size_t count = ring->wait(ended)) {
      for (size_t i = 0; i < count; i++) {
        CHECK_EQ(ended[i].result, 0);
        seen |= 1u << ended[i].tag;
      }
      total += count;
    }
    CHECK_EQ(total, 4u);
    CHECK_EQ(seen, 15u);
  }
  ::close(file);
}

void each_result_names_its_operation() {
  const auto ring = a_ring(8);
  int pipe_ends[2];
  REQUIRE(::pipe2(pipe_ends, O_CLOEXEC) == 0);
  CHECK(ring->add_sync(pipe_ends[1], 7));   // a pipe cannot be synced
  CHECK(ring->add_sync(1'000'000, 9));      // no such descriptor
  std::array<RingCompletion, 1> ended;      // fewer than ended: the rest comes next time
  int results[10] = {};
  while (ring->wait(ended) > 0) results[ended[0].tag] = ended[0].result;
  CHECK_EQ(results[7], -EINVAL);
  CHECK_EQ(results[9], -EBADF);
  CHECK(is_ring_refusal(-EINVAL) && is_ring_refusal(-EAGAIN) && !is_ring_refusal(-EIO) && !is_ring_refusal(-ENOSPC) && !is_ring_refusal(0));
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
}

void interrupted_and_partial_submissions_go_on() {
  const auto ring = a_ring(16, {system_ring_calls.setup, enter_badly});
  const int file = ::open((folder + "/partial").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  interruptions = 5;
  takes_max = 3;
  for (uint64_t i = 0; i < 16; i++) CHECK(ring->add_sync(file, i));
  std::array<RingCompletion, 16> ended;
  size_t total = 0;
  while (const size_t count = ring->wait(ended)) total += count;
  CHECK_EQ(total, 16u);
  takes_max = 1000;
  ::close(file);
}

void what_the_kernel_does_not_take_comes_back() {
  const auto ring = a_ring(8, {system_ring_calls.setup, enter_badly});
  const int file = ::open((folder + "/refused").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  std::array<RingCompletion, 8> ended;
  for (int round = 0; round < 3; round++) {
    refusals = 1;
    for (uint64_t i = 0; i < 5; i++) CHECK(ring->add_sync(file, i));
    CHECK_EQ(ring->wait(ended), 5u);
    for (size_t i = 0; i < 5; i++) CHECK_EQ(ended[i].result, -EAGAIN);
    CHECK_EQ(ring->wait(ended), 0u);
    CHECK(ring->add_sync(file, 1));
    CHECK_EQ(ring->wait(ended), 1u);
    CHECK_EQ(ended[0].result, 0);
  }
  ::close(file);
}

// ---- appends through it ----

struct Writes {
  explicit Writes(size_t count, const std::string& name, FileSystem& on) {
    for (size_t i = 0; i < count; i++) {
      auto file = on.open(folder + "/" + name + std::to_string(i), OpenMode::create_new);
      REQUIRE(file);
      files.push_back(std::move(*file));
    }
    payload.resize(count);
    slices.resize(count);
    writes.resize(count);
  }
  void put(size_t i, uint64_t position, size_t slice_bytes, size_t slice_count) {
    payload[i] = bytes(slice_bytes * slice_count, static_cast<char>('a' + i % 26));
    slices[i].clear();
    for (size_t s = 0; s < slice_count; s++) slices[i].push_back({payload[i].data() + s * slice_bytes, slice_bytes});
    writes[i] = {files[i].get(), position, slices[i], {}};
  }
  std::vector<std::unique_ptr<File>> files;
  std::vector<std::vector<std::byte>> payload;
  std::vector<std::vector<iovec>> slices;
  std::vector<PendingWrite> writes;
};

// Both backends do the same to the files, for any number of files and slices.
void bytes_are_the_same_by_both() {
  PosixFileSystem disk;
  RingWrites by_ring(a_ring(ring_writes_max));
  PlainWrites plain;
  for (const size_t count : {1u, 2u, 63u, 64u, 65u, 200u}) {
    Writes a(count, "ring", disk), b(count, "plain", disk);
    uint64_t position = 0;
    for (const size_t slices : {1u, 3u, 1024u, 1500u}) {
      for (size_t i = 0; i < count; i++) {
        a.put(i, position, 1 + i % 7, slices);
        b.put(i, position, 1 + i % 7, slices);
      }
      by_ring.run(a.writes);
      plain.run(b.writes);
      for (size_t i = 0; i < count; i++) {
        CHECK(a.writes[i].outcome);
        CHECK_EQ(a.writes[i].outcome.written, slices * (1 + i % 7));
        CHECK_EQ(a.writes[i].outcome.written, b.writes[i].outcome.written);
      }
      position += 4096;
    }
    for (size_t i = 0; i < count; i++) CHECK(content(folder + "/ring" + std::to_string(i)) == content(folder + "/plain" + std::to_string(i)));
  }
}

// A file that may not grow beyond a limit takes the front of a write and refuses the rest.
void short_writes_say_how_far_they_came() {
  PosixFileSystem disk;
  RingWrites by_ring(a_ring(8));
  Writes some(3, "short", disk);
  for (size_t i = 0; i < 3; i++) some.put(i, 0, 1000, i == 1 ? 20 : 2);
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit limit = before;
  limit.rlim_cur = 8192;
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  by_ring.run(some.writes);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  CHECK(some.writes[0].outcome && some.writes[2].outcome);
  CHECK_EQ(some.writes[1].outcome.status.cause, EFBIG);
  CHECK_EQ(some.writes[1].outcome.written, 8192u);
  CHECK_EQ(content(folder + "/short1").size(), 8192u);
}

void faults_reach_the_write_they_are_meant_for() {
  PosixFileSystem disk;
  RingWrites by_ring(a_ring(8));
  Writes some(4, "fault", disk);
  for (size_t i = 0; i < 4; i++) some.put(i, 0, 100, 1);
  disk.faults().fail_call(FileCall::write, 3, ENOSPC, false, 10);
  const uint64_t counted = disk.faults().count(FileCall::write);
  by_ring.run(some.writes);
  for (const size_t i : {0u, 1u, 3u}) CHECK(some.writes[i].outcome);
  CHECK_EQ(some.writes[2].outcome.status.cause, ENOSPC);
  CHECK_EQ(some.writes[2].outcome.written, 10u);
  CHECK_EQ(content(folder + "/fault2").size(), 10u);
  CHECK_EQ(disk.faults().count(FileCall::write) - counted, 4u);
}

void a_ring_that_takes_nothing_loses_nothing() {
  PosixFileSystem disk;
  RingWrites by_ring(a_ring(8, {system_ring_calls.setup, enter_badly}));
  Writes some(20, "starved", disk);
  for (int round = 0; round < 3; round++) {
    for (size_t i = 0; i < 20; i++) some.put(i, static_cast<uint64_t>(round) * 50, 50, 1);
    refusals = 2;
    by_ring.run(some.writes);
    refusals = 0;
    for (const PendingWrite& write : some.writes) CHECK(write.outcome);
  }
  for (size_t i = 0; i < 20; i++) CHECK(content(folder + "/starved" + std::to_string(i)) == std::string(150, static_cast<char>('a' + i)));
}

}  // namespace
}  // namespace milena::test

int main() {
  using namespace milena;
  using namespace milena::test;
  a_forbidden_ring_is_refused_with_its_reason();
  if (const Status status = Ring::open(8).why(); !status) {
    std::fprintf(stderr, "ring_test: io_uring is not available here (errno %d), only its absence was tested\n", status.cause);
    return check_result();
  }
  const ScratchFolder scratch("ring");
  folder = scratch.path();
  no_more_than_fit_are_under_way();
  each_result_names_its_operation();
  interrupted_and_partial_submissions_go_on();
  what_the_kernel_does_not_take_comes_back();
  bytes_are_the_same_by_both();
  short_writes_say_how_far_they_came();
  faults_reach_the_write_they_are_meant_for();
  a_ring_that_takes_nothing_loses_nothing();
  return check_result();
}
