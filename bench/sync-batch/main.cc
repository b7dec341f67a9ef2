// What the machine takes to make appends to many files durable: sync-batch FOLDER FILES BYTES SECONDS
//
// Appends BYTES to each of the files and then submits one fdatasync for each in one io_uring call; the time from there until all have
// ended is what counts. Prints its percentiles in milliseconds as JSON. Without io_uring it says so.
#include <fcntl.h>
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

// A ring that is filled, submitted whole and waited for. Thread: one.
class Ring {
 public:
  explicit Ring(unsigned entries) {
    io_uring_params params{};
    fd_ = static_cast<int>(syscall(SYS_io_uring_setup, entries, &params));
    if (fd_ < 0) return;
    const size_t submissions = params.sq_off.array + params.sq_entries * sizeof(unsigned);
    const size_t completions = params.cq_off.cqes + params.cq_entries * sizeof(io_uring_cqe);
    submitted_ = map(submissions, IORING_OFF_SQ_RING);
    completed_ = map(completions, IORING_OFF_CQ_RING);
    entries_ = reinterpret_cast<io_uring_sqe*>(map(params.sq_entries * sizeof(io_uring_sqe), IORING_OFF_SQES));
    params_ = params;
  }

  bool works() const { return fd_ >= 0 && submitted_ != nullptr && completed_ != nullptr && entries_ != nullptr; }

  // False when one of them failed.
  bool sync_all(const std::vector<int>& files) {
    const unsigned mask = *at(submitted_, params_.sq_off.ring_mask);
    unsigned* tail_at = at(submitted_, params_.sq_off.tail);
    unsigned tail = *tail_at;
    for (const int file : files) {
      io_uring_sqe& entry = entries_[tail & mask];
      std::memset(&entry, 0, sizeof entry);
      entry.opcode = IORING_OP_FSYNC;
      entry.fd = file;
      entry.fsync_flags = IORING_FSYNC_DATASYNC;
      at(submitted_, params_.sq_off.array)[tail & mask] = tail & mask;
      tail++;
    }
    std::atomic_ref(*tail_at).store(tail, std::memory_order_release);
    const auto count = static_cast<unsigned>(files.size());
    if (syscall(SYS_io_uring_enter, fd_, count, count, IORING_ENTER_GETEVENTS, nullptr, 0) != static_cast<long>(count)) return false;
    return all_good(count);
  }

 private:
  static unsigned* at(std::byte* base, unsigned offset) { return reinterpret_cast<unsigned*>(base + offset); }

  std::byte* map(size_t size, off_t offset) const {
    void* mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd_, offset);
    return mapped == MAP_FAILED ? nullptr : static_cast<std::byte*>(mapped);
  }

  bool all_good(unsigned count) {
    const unsigned mask = *at(completed_, params_.cq_off.ring_mask);
    unsigned* head_at = at(completed_, params_.cq_off.head);
    unsigned head = *head_at;
    const unsigned tail = std::atomic_ref(*at(completed_, params_.cq_off.tail)).load(std::memory_order_acquire);
    bool good = tail - head == count;
    const auto* entries = reinterpret_cast<const io_uring_cqe*>(completed_ + params_.cq_off.cqes);
    for (; head != tail; head++) good = good && entries[head & mask].res == 0;
    std::atomic_ref(*head_at).store(head, std::memory_order_release);
    return good;
  }

  int fd_ = -1;
  io_uring_params params_{};
  std::byte* submitted_ = nullptr;
  std::byte* completed_ = nullptr;
  io_uring_sqe* entries_ = nullptr;
};

std::vector<int> open_files(const std::string& folder, unsigned count) {
  mkdir(folder.c_str(), 0755);
  std::vector<int> files;
  for (unsigned i = 0; i < count; i++) {
    const int file = open((folder + "/" + std::to_string(i)).c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0644);
    if (file >= 0) files.push_back(file);
  }
  return files;
}

int failed(const char* what) {
  std::perror(what);
  return EXIT_FAILURE;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 5) {
    std::fprintf(stderr, "usage: sync-batch FOLDER FILES BYTES SECONDS\n");
    return 2;
  }
  const auto files_wanted = static_cast<unsigned>(std::atoi(arguments[2]));
  const std::vector<char> piece(static_cast<size_t>(std::atoi(arguments[3])), 'x');
  const std::vector<int> files = open_files(arguments[1], files_wanted);
  if (files.empty() || files.size() != files_wanted) return failed("sync-batch: files");
  Ring ring(files_wanted);
  if (!ring.works()) return failed("sync-batch: io_uring");
  const auto end = Clock::now() + std::chrono::duration<double>(std::atof(arguments[4]));
  std::vector<double> took_ms;
  while (Clock::now() < end || took_ms.empty()) {
    for (const int file : files) {
      if (write(file, piece.data(), piece.size()) != static_cast<ssize_t>(piece.size())) return failed("sync-batch: write");
    }
    const auto began = Clock::now();
    if (!ring.sync_all(files)) return failed("sync-batch: fdatasync");
    took_ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - began).count());
  }
  std::sort(took_ms.begin(), took_ms.end());
  const auto quantile = [&](double share) { return took_ms[static_cast<size_t>(share * static_cast<double>(took_ms.size() - 1))]; };
  std::printf("{\"batches\":%zu,\"p50Ms\":%.3f,\"p99Ms\":%.3f,\"maxMs\":%.3f}\n", took_ms.size(), quantile(.5), quantile(.99), took_ms.back());
  return EXIT_SUCCESS;
}
