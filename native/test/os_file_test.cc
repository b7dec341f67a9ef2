// The real disk, the fault hook, the directory lock, and what the disk in memory keeps.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "check.h"
#include "os/boot_id.h"
#include "os/crash_file_system.h"
#include "os/directory_lock.h"
#include "os/posix_file.h"
#include "os/whole_file.h"
#include "test/scratch_folder.h"

namespace milena::test {
namespace {

std::vector<std::byte> bytes(std::string_view text) {
  const auto* from = reinterpret_cast<const std::byte*>(text.data());
  return {from, from + text.size()};
}

// The same walk through every call; both file systems pass it.
void walk(FileSystem& files, const std::string& root) {
  CHECK(files.make_directory(root + "/d"));
  CHECK(files.make_directory(root + "/d"));
  CHECK_EQ(files.open(root + "/d/a", OpenMode::read).why().code, Errc::not_found);
  CHECK_EQ(files.open(root + "/nowhere/a", OpenMode::create).why().code, Errc::not_found);
  auto file = files.open(root + "/d/a", OpenMode::create);
  REQUIRE(file);
  // More slices than one system call takes.
  std::vector<std::byte> letters(3000);
  for (size_t i = 0; i < letters.size(); i++) letters[i] = static_cast<std::byte>('a' + i % 26);
  std::vector<iovec> slices;
  for (size_t i = 0; i < 1500; i++) slices.push_back({letters.data() + 2 * i, 2});
  const WriteOutcome outcome = (*file)->write_at(5, slices);
  CHECK(outcome);
  CHECK_EQ(outcome.written, 3000u);
  CHECK_EQ(*(*file)->size(), 3005u);
  std::vector<std::byte> back(4000);
  CHECK_EQ(*(*file)->read_at(5, back), 3000u);
  CHECK(std::equal(letters.begin(), letters.end(), back.begin()));
  CHECK_EQ(*(*file)->read_at(9000, back), 0u);
  CHECK((*file)->sync());
  CHECK((*file)->truncate(10));
  CHECK_EQ(files.stat(root + "/d/a")->size, 10u);
  CHECK(replace_file(files, root + "/d/b", bytes("text")));
  CHECK_EQ(*read_text(files, root + "/d/b"), "text");
  CHECK(!files.exists(root + "/d/b.tmp"));
  CHECK(files.rename(root + "/d/b", root + "/d/c"));
  CHECK_EQ(files.list(root + "/d")->size(), 2u);
  CHECK(files.sync_directory(root + "/d"));
  CHECK(!files.remove_directory(root + "/d"));
  CHECK(files.remove(root + "/d/a"));
  CHECK(files.remove(root + "/d/c"));
  CHECK_EQ(files.remove(root + "/d/c").code, Errc::not_found);
  CHECK(files.remove_directory(root + "/d"));
}

void faults(FileSystem& files, const std::string& root) {
  FaultHook& hook = files.faults();
  const uint64_t writes = hook.count(FileCall::write);
  auto file = files.open(root + "/f", OpenMode::create);
  REQUIRE(file);
  hook.fail_call(FileCall::write, 2, ENOSPC, false, 3);
  CHECK((*file)->write_at(0, bytes("12345")));
  const WriteOutcome failed = (*file)->write_at(5, bytes("67890"));
  CHECK_EQ(failed.status.cause, ENOSPC);
  CHECK_EQ(failed.written, 3u);
  CHECK_EQ(*(*file)->size(), 8u);
  CHECK((*file)->write_at(5, bytes("67890")));
  hook.fail_call(FileCall::sync, 1, EIO, true);
  CHECK_EQ((*file)->sync().cause, EIO);
  CHECK(!(*file)->sync());
  hook.clear();
  CHECK((*file)->sync());
  CHECK_EQ(hook.count(FileCall::write) - writes, 3u);

  hook.hold_syncs();
  std::thread syncer([&] { CHECK((*file)->sync()); });
  while (hook.syncs_waiting() == 0) std::this_thread::yield();
  CHECK((*file)->write_at(0, bytes("x")));  // only syncs are held
  hook.release_syncs();
  syncer.join();
  CHECK_EQ(hook.syncs_waiting(), 0u);
  CHECK(files.remove(root + "/f"));
}

void lock() {
  const ScratchFolder scratch("os");
  const std::string& root = scratch.path();
  DirectoryLock first;
  DirectoryLock second;
  CHECK(first.take(root));
  CHECK_EQ(second.take(root).code, Errc::locked);  // of the same process
  CHECK((::fcntl(::open((root + "/.lock").c_str(), O_RDONLY | O_CLOEXEC), F_GETFD) & FD_CLOEXEC) != 0);
  // A POSIX record lock, as a Java broker takes it, is refused too.
  const pid_t child = ::fork();
  if (child == 0) {
    const int fd = ::open((root + "/.lock").c_str(), O_RDWR | O_CLOEXEC);
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    ::_exit(::fcntl(fd, F_SETLK, &whole) == 0 ? 1 : 0);
  }
  int status = -1;
  CHECK_EQ(::waitpid(child, &status, 0), child);
  CHECK_EQ(status, 0);
  first.release();
  CHECK(second.take(root));
  CHECK_EQ(DirectoryLock().take(root + "/missing").code, Errc::io);
}

void power_loss() {
  CrashFileSystem files;
  REQUIRE(files.make_directory("/d"));
  REQUIRE(files.sync_directory("/"));
  auto kept = files.open("/d/kept", OpenMode::create);
  REQUIRE((*kept)->write_at(0, bytes("safe")));
  REQUIRE((*kept)->sync());
  REQUIRE(files.sync_directory("/d"));
  REQUIRE((*kept)->write_at(4, bytes(std::string(2000, 'y'))));
  REQUIRE(files.open("/d/perhaps", OpenMode::create));
  std::mt19937_64 chance(7);
  size_t sizes = 0;
  bool gone = false;
  for (int i = 0; i < 40; i++) {
    files.crash(chance);
    CHECK_EQ((*kept)->sync().cause, EIO);
    const auto text = read_text(files, "/d/kept");
    REQUIRE(text);
    CHECK_EQ(text->substr(0, 4), "safe");
    sizes += text->size() > 4 ? 1 : 0;
    gone = gone || !files.exists("/d/perhaps");
    kept = files.open("/d/kept", OpenMode::write);
    REQUIRE((*kept)->truncate(4));
    REQUIRE((*kept)->sync());
    REQUIRE((*kept)->write_at(4, bytes(std::string(2000, 'y'))));
    static_cast<void>(files.remove("/d/perhaps"));
    REQUIRE(files.sync_directory("/d"));
    REQUIRE(files.open("/d/perhaps", OpenMode::create));
  }
  CHECK(sizes > 0 && sizes < 40);
  CHECK(gone);
}

}  // namespace
}  // namespace milena::test

int main() {
  using namespace milena;
  using namespace milena::test;
  PosixFileSystem disk;
  const ScratchFolder scratch("os");
  const std::string& root = scratch.path();
  walk(disk, root);
  faults(disk, root);
  CrashFileSystem memory;
  CHECK(memory.make_directory("/m"));
  walk(memory, "/m");
  faults(memory, "/m");
  lock();
  power_loss();
  CHECK(!machine_boot_id().empty());
  CHECK_EQ(machine_boot_id(), machine_boot_id());
  return check_result();
}
