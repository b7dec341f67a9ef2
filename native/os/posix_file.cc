#include "os/posix_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>

#include "base/unique_fd.h"
#include "os/plain_sync.h"

namespace milena {
namespace {

Status last_error() { return errno == ENOENT ? Status{Errc::not_found, ENOENT} : Status::io(errno); }

Status verdict_status(const FaultVerdict& verdict) { return verdict.error == ENOENT ? Status{Errc::not_found, ENOENT} : Status::io(verdict.error); }

// The slices from byte `skip` on, at most as many as one system call takes.
size_t slices_from(std::span<const iovec> slices, uint64_t skip, std::span<iovec> into) {
  size_t count = 0;
  for (const iovec& slice : slices) {
    if (skip >= slice.iov_len) {
      skip -= slice.iov_len;
      continue;
    }
    into[count++] = {static_cast<std::byte*>(slice.iov_base) + skip, slice.iov_len - skip};
    skip = 0;
    if (count == into.size()) break;
  }
  return count;
}

uint64_t total_bytes(std::span<const iovec> slices) {
  uint64_t total = 0;
  for (const iovec& slice : slices) total += slice.iov_len;
  return total;
}

class PosixFile final : public File {
 public:
  PosixFile(UniqueFd fd, FaultHook& faults) : fd_(std::move(fd)), faults_(faults) {}

  Result<size_t> read_at(uint64_t position, MutableBytes into) const override {
    if (const FaultVerdict verdict = faults_.before(FileCall::read); verdict.error != 0) return verdict_status(verdict);
    size_t done = 0;
    while (done < into.size()) {
      const ssize_t got = ::pread(fd_.get(), into.data() + done, into.size() - done, static_cast<off_t>(position + done));
      if (got == 0) break;
      if (got < 0) {
        if (errno == EINTR) continue;
        return last_error();
      }
      done += static_cast<size_t>(got);
    }
    return done;
  }

  Result<size_t> read_in_memory(uint64_t position, MutableBytes into) const override {
    if (const FaultVerdict verdict = faults_.before(FileCall::read_in_memory); verdict.error != 0) return quick_failure(verdict.error);
    size_t done = 0;
    while (done < into.size()) {
      const iovec rest{into.data() + done, into.size() - done};
      const ssize_t got = ::preadv2(fd_.get(), &rest, 1, static_cast<off_t>(position + done), RWF_NOWAIT);
      if (got == 0) break;
      if (got > 0) done += static_cast<size_t>(got);
      else if (errno == EAGAIN) return Status{Errc::would_wait};
      else if (errno != EINTR) return read_at(position, into);  // no such reads here, or a failure that it will meet, too
    }
    return done;
  }

  WriteOutcome write_at(uint64_t position, std::span<const iovec> slices) override {
    const uint64_t total = total_bytes(slices);
    const FaultVerdict verdict = faults_.before(FileCall::write);
    const uint64_t limit = verdict.error == 0 ? total : std::min(total, verdict.written_bytes.value_or(0));
    const WriteOutcome outcome = write_front(position, slices, limit);
    if (verdict.error != 0) return {Status::io(verdict.error), outcome.written};
    return outcome;
  }

  Status sync() override {
    if (const FaultVerdict verdict = faults_.before(FileCall::sync); verdict.error != 0) return verdict_status(verdict);
    return plain_sync(fd_.get());
  }

  Status truncate(uint64_t size) override {
    if (const FaultVerdict verdict = faults_.before(FileCall::truncate); verdict.error != 0) return verdict_status(verdict);
    while (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) {
      if (errno != EINTR) return last_error();
    }
    return {};
  }

  Result<uint64_t> size() const override {
    struct stat facts {};
    if (::fstat(fd_.get(), &facts) != 0) return last_error();
    return static_cast<uint64_t>(facts.st_size);
  }

  int plain_descriptor(FileCall kind) override { return faults_.stands_aside(kind) ? fd_.get() : -1; }

  int descriptor() const override { return fd_.get(); }

 private:
  static Status quick_failure(int error) { return error == EAGAIN ? Status{Errc::would_wait} : Status::io(error); }

  // The first `limit` bytes of the slices; short writes are continued.
  WriteOutcome write_front(uint64_t position, std::span<const iovec> slices, uint64_t limit) {
    std::array<iovec, 64> few;
    uint64_t done = 0;
    while (done < limit) {
      ssize_t wrote = 0;
      if (done == 0 && slices.size() <= IOV_MAX && limit == total_bytes(slices)) {
        wrote = ::pwritev(fd_.get(), slices.data(), static_cast<int>(slices.size()), static_cast<off_t>(position));
      } else {
        const size_t count = slices_from(slices, done, few);
        uint64_t room = limit - done;
        for (size_t i = 0; i < count; i++) {
          few[i].iov_len = std::min<uint64_t>(few[i].iov_len, room);
          room -= few[i].iov_len;
        }
        wrote = ::pwritev(fd_.get(), few.data(), static_cast<int>(count), static_cast<off_t>(position + done));
      }
      if (wrote < 0) {
        if (errno == EINTR) continue;
        return {Status::io(errno), done};
      }
      if (wrote == 0) return {Status::io(ENOSPC), done};
      done += static_cast<uint64_t>(wrote);
    }
    return {{}, done};
  }

  UniqueFd fd_;
  FaultHook& faults_;
};

int open_flags(OpenMode mode) {
  switch (mode) {
    case OpenMode::read: return O_RDONLY | O_CLOEXEC;
    case OpenMode::write: return O_RDWR | O_CLOEXEC;
    case OpenMode::create: return O_RDWR | O_CREAT | O_CLOEXEC;
    case OpenMode::create_new: return O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC;
  }
  return O_RDONLY | O_CLOEXEC;
}

}  // namespace

Result<std::unique_ptr<File>> PosixFileSystem::open(const std::string& path, OpenMode mode) {
  if (const FaultVerdict verdict = faults_.before(FileCall::open); verdict.error != 0) return verdict_status(verdict);
  UniqueFd fd;
  do fd.reset(::open(path.c_str(), open_flags(mode), 0644));
  while (!fd && errno == EINTR);
  if (!fd) return last_error();
  return std::unique_ptr<File>(std::make_unique<PosixFile>(std::move(fd), faults_));
}

Status PosixFileSystem::rename(const std::string& from, const std::string& to) {
  if (const FaultVerdict verdict = faults_.before(FileCall::rename); verdict.error != 0) return verdict_status(verdict);
  return ::rename(from.c_str(), to.c_str()) == 0 ? Status{} : last_error();
}

Status PosixFileSystem::remove(const std::string& path) {
  if (const FaultVerdict verdict = faults_.before(FileCall::remove); verdict.error != 0) return verdict_status(verdict);
  return ::unlink(path.c_str()) == 0 ? Status{} : last_error();
}

Status PosixFileSystem::remove_directory(const std::string& path) {
  if (const FaultVerdict verdict = faults_.before(FileCall::remove); verdict.error != 0) return verdict_status(verdict);
  return ::rmdir(path.c_str()) == 0 ? Status{} : last_error();
}

Status PosixFileSystem::make_directory(const std::string& path) {
  if (const FaultVerdict verdict = faults_.before(FileCall::make_directory); verdict.error != 0) return verdict_status(verdict);
  if (::mkdir(path.c_str(), 0755) == 0) return {};
  if (errno != EEXIST) return last_error();
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return last_error();
  return S_ISDIR(facts.st_mode) ? Status{} : Status::io(ENOTDIR);
}

Status PosixFileSystem::sync_directory(const std::string& path) {
  if (const FaultVerdict verdict = faults_.before(FileCall::sync_directory); verdict.error != 0) return verdict_status(verdict);
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return last_error();
  while (::fsync(fd.get()) != 0) {
    if (errno != EINTR) return last_error();
  }
  return {};
}

Result<std::vector<DirectoryEntry>> PosixFileSystem::list(const std::string& path) {
  if (const FaultVerdict verdict = faults_.before(FileCall::list); verdict.error != 0) return verdict_status(verdict);
  DIR* directory = ::opendir(path.c_str());
  if (directory == nullptr) return last_error();
  std::vector<DirectoryEntry> entries;
  Status status;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(directory);
    if (entry == nullptr) {
      if (errno != 0) status = last_error();
      break;
    }
    std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    bool is_directory = entry->d_type == DT_DIR;
    if (entry->d_type == DT_UNKNOWN || entry->d_type == DT_LNK) {
      struct stat facts {};
      is_directory = ::stat((path + "/" + name).c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
    }
    entries.push_back({std::move(name), is_directory});
  }
  ::closedir(directory);
  if (!status) return status;
  return entries;
}

Result<FileStat> PosixFileSystem::stat(const std::string& path) {
  if (const FaultVerdict verdict = faults_.before(FileCall::stat); verdict.error != 0) return verdict_status(verdict);
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return last_error();
  const int64_t modified_ms = static_cast<int64_t>(facts.st_mtim.tv_sec) * 1000 + facts.st_mtim.tv_nsec / 1'000'000;
  return FileStat{static_cast<uint64_t>(facts.st_size), S_ISDIR(facts.st_mode), modified_ms};
}

}  // namespace milena
