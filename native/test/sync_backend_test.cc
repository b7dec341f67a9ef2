// How a round of syncs reaches the disk: by threads, by io_uring, by syncfs, and what happens where one of them fails or is forbidden.
#include "plane/sync_backend.h"

#include <cerrno>
#include <mutex>
#include <thread>
#include <string>
#include <vector>

#include "os/posix_file.h"
#include "plane/disk_backends.h"
#include "plane/file_system_sync.h"
#include "plane/ring_sync.h"
#include "test/check.h"
#include "test/scratch_folder.h"

using namespace milena;

namespace {

std::string folder;

// A file that a round may sync in halves.
struct Dirty final : Syncable {
  explicit Dirty(std::unique_ptr<File> on) : file(std::move(on)) {}
  SyncStart begin_sync() override {
    if (needs_call) return {};
    return {file.get(), is_clean};
  }
  Status sync() override {
    calls++;
    return file->sync();
  }
  void synced(Status status) override {
    const std::lock_guard lock(mutex);
    ends.push_back(status);
  }
  std::unique_ptr<File> file;
  bool needs_call = false;
  bool is_clean = false;
  int calls = 0;
  std::mutex mutex;
  std::vector<Status> ends;
};

std::vector<std::shared_ptr<Syncable>> round_of(const std::vector<std::shared_ptr<Dirty>>& files) { return {files.begin(), files.end()}; }

std::vector<std::shared_ptr<Dirty>> dirty_files(FileSystem& disk, size_t count) {
  std::vector<std::shared_ptr<Dirty>> files;
  for (size_t i = 0; i < count; i++) {
    auto file = disk.open(folder + "/f" + std::to_string(i), OpenMode::create_new);
    REQUIRE(file);
    const std::byte some[100]{};
    REQUIRE((*file)->write_at(0, some));
    files.push_back(std::make_shared<Dirty>(std::move(*file)));
  }
  return files;
}

std::unique_ptr<BatchSync> ring_sync() {
  auto ring = Ring::open(ring_syncs_max);
  return ring ? std::make_unique<RingSync>(std::move(*ring)) : nullptr;
}

// Each is told once and well, whatever mixture a round is.
void every_file_is_synced_once(std::unique_ptr<BatchSync> batch) {
  PosixFileSystem disk;
  RoundSync backend(4, std::move(batch));
  for (const size_t count : {1u, 2u, 7u, 63u, 64u, 300u}) {
    const auto files = dirty_files(disk, count);
    for (size_t i = 0; i < count; i++) {
      files[i]->needs_call = i % 5 == 3;
      files[i]->is_clean = i % 7 == 5;
    }
    for (int again = 0; again < 3; again++) backend.run(round_of(files));
    for (size_t i = 0; i < count; i++) {
      CHECK_EQ(files[i]->ends.size(), 3u);
      for (const Status status : files[i]->ends) CHECK(status);
      CHECK_EQ(files[i]->calls, files[i]->needs_call || count == 1 ? 3 : 0);
    }
  }
}

// A sync that a test makes fail fails for its file alone; those that a test holds are held.
void faults_are_felt(std::unique_ptr<BatchSync> batch) {
  PosixFileSystem disk;
  RoundSync backend(4, std::move(batch));
  const auto files = dirty_files(disk, 20);
  disk.faults().fail_call(FileCall::sync, 5, EIO);
  backend.run(round_of(files));
  size_t failed = 0;
  for (const auto& file : files) failed += !file->ends[0] && file->ends[0].cause == EIO ? 1u : 0u;
  CHECK_EQ(failed, 1u);
  disk.faults().hold_syncs();
  std::atomic<bool> ended{false};
  Thread round;
  REQUIRE(round.start("round", [&] {
    backend.run(round_of(files));
    ended.store(true);
  }));
  while (disk.faults().syncs_waiting() < 4) std::this_thread::yield();
  CHECK(!ended.load());
  disk.faults().release_syncs();
  round.join();
  for (const auto& file : files) CHECK(file->ends.size() == 2 && file->ends[1]);
}

// What the ring itself reports of a file is that file's.
void a_failed_operation_is_its_files() {
  const auto batch = ring_sync();
  if (batch == nullptr) return;
  PosixFileSystem disk;
  const auto files = dirty_files(disk, 3);
  const std::vector<BegunSync> begun{{files[0].get(), files[0]->file->descriptor()}, {files[1].get(), 1'000'000}, {files[2].get(), files[2]->file->descriptor()}};
  batch->run(begun);
  CHECK(files[0]->ends.size() == 1 && files[0]->ends[0]);
  CHECK(files[1]->ends.size() == 1 && files[1]->ends[0].cause == EBADF);
  CHECK(files[2]->ends.size() == 1 && files[2]->ends[0]);
}

// syncfs does not say whose data was lost: after it failed once, each file is asked itself, for good.
void a_failed_flush_is_the_last() {
  PosixFileSystem disk;
  int flushes = 0;
  Status verdict{};
  FileSystemSync sync([&] { return flushes++, verdict; }, ring_sync());
  const auto files = dirty_files(disk, 100);
  std::vector<BegunSync> begun;
  for (const auto& file : files) begun.push_back({file.get(), file->file->descriptor()});
  sync.run(begun);
  CHECK_EQ(flushes, 1);
  sync.run(std::span(begun).first(10));
  CHECK_EQ(flushes, 1);  // too few
  verdict = Status::io(EIO);
  begun[99].descriptor = 1'000'000;
  sync.run(begun);
  CHECK_EQ(flushes, 2);
  for (size_t i = 0; i < 99; i++) CHECK(files[i]->ends.back());
  CHECK_EQ(files[99]->ends.back().cause, EBADF);
  verdict = {};
  sync.run(begun);
  CHECK_EQ(flushes, 2);
  CHECK_EQ(files[99]->ends.back().cause, EBADF);
}

int forbidden(uint32_t, ring_abi::Params*) { return errno = EPERM, -1; }

void a_forbidden_ring_is_one_notice() {
  const RingCalls none{forbidden, system_ring_calls.enter};
  std::string notice;
  DiskBackends got = available_backends({true, abi::SyncCalls::io_uring}, notice, none);
  CHECK(!got.ring_appends && got.syncs == abi::SyncCalls::threads);
  CHECK_EQ(notice, "io_uring is not available here (Operation not permitted): files are synced by threads, batches are written by pwritev");
  notice.clear();
  got = available_backends({false, abi::SyncCalls::threads}, notice, none);
  CHECK_EQ(notice, "");
  got = available_backends({true, abi::SyncCalls::threads}, notice, none);
  CHECK(!got.ring_appends);
  CHECK_EQ(notice, "io_uring is not available here (Operation not permitted): batches are written by pwritev");
}

}  // namespace

int main() {
  const milena::test::ScratchFolder scratch("sync");
  folder = scratch.path();
  every_file_is_synced_once(nullptr);
  every_file_is_synced_once(ring_sync());
  every_file_is_synced_once(make_batch_sync(abi::SyncCalls::syncfs, folder));
  every_file_is_synced_once(std::make_unique<FileSystemSync>([] { return Status{}; }, nullptr));
  faults_are_felt(nullptr);
  faults_are_felt(ring_sync());
  a_failed_operation_is_its_files();
  a_failed_flush_is_the_last();
  a_forbidden_ring_is_one_notice();
  return milena::test::check_result();
}
