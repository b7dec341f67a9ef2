// What the log needs of a disk. PosixFileSystem is the real one; CrashFileSystem loses what was not synced; FaultHook makes either fail.
// Thread: a File may be used by several threads at once (reads, writes to disjoint ranges, one sync); a FileSystem by any number.
#pragma once
#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/types.h"
#include "os/fault_hook.h"

namespace milena {

// How a write ended. Not ok: `written` bytes of the front may have reached the file, the rest has not.
struct [[nodiscard]] WriteOutcome {
  Status status;
  uint64_t written = 0;  // bytes
  explicit operator bool() const { return static_cast<bool>(status); }
};

// Whether looking into a file may sleep until a disk has answered. Threads that serve many clients never do.
enum class Patience : uint8_t { waits, never_waits };

class File {
 public:
  virtual ~File() = default;
  // Reads at most into.size() bytes; fewer only where the file ends.
  virtual Result<size_t> read_at(uint64_t position, MutableBytes into) const = 0;
  // The same for threads that must not sleep: Errc::would_wait where not all of it is in memory. May sleep on file systems that cannot tell.
  virtual Result<size_t> read_in_memory(uint64_t position, MutableBytes into) const = 0;
  Result<size_t> read(uint64_t position, MutableBytes into, Patience patience) const {
    return patience == Patience::waits ? read_at(position, into) : read_in_memory(position, into);
  }
  // Writes all slices, in order, as one range from `position`.
  virtual WriteOutcome write_at(uint64_t position, std::span<const iovec> slices) = 0;
  // Everything written before the call is durable when it returns ok. After a failure nothing unsynced may be relied on.
  virtual Status sync() = 0;
  virtual Status truncate(uint64_t size) = 0;
  virtual Result<uint64_t> size() const = 0;
  // The descriptor on which the plain system call is all that write_at() (pwritev) or sync() (fdatasync) would do, so that several files'
  // calls can be handed to the kernel at once; counts as that call. -1: it takes the call itself (memory, or a test has a hand in it).
  virtual int plain_descriptor(FileCall) { return -1; }
  // For sendfile; -1 where there is none (memory). Valid while the File lives.
  virtual int descriptor() const = 0;

  WriteOutcome write_at(uint64_t position, Bytes bytes) {
    const iovec slice{const_cast<std::byte*>(bytes.data()), bytes.size()};
    return write_at(position, std::span<const iovec>(&slice, 1));
  }
};

enum class OpenMode : uint8_t {
  read,        // an existing file
  write,       // an existing file, read and write
  create,      // read and write; made if it is not there
  create_new,  // read and write; emptied if it is there
};

struct DirectoryEntry {
  std::string name;
  bool is_directory = false;
};

struct FileStat {
  uint64_t size = 0;
  bool is_directory = false;
  int64_t modified_ms = 0;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  // Errc::not_found where a path is missing, else Errc::io with errno.
  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  virtual Status rename(const std::string& from, const std::string& to) = 0;  // replaces `to`
  virtual Status remove(const std::string& path) = 0;                          // a file
  virtual Status remove_directory(const std::string& path) = 0;                // an empty one
  virtual Status make_directory(const std::string& path) = 0;                  // ok if it is there
  // Makes creations, renames and removals inside the directory durable.
  virtual Status sync_directory(const std::string& path) = 0;
  virtual Result<std::vector<DirectoryEntry>> list(const std::string& path) = 0;  // unordered, without . and ..
  virtual Result<FileStat> stat(const std::string& path) = 0;
  virtual FaultHook& faults() = 0;

  bool exists(const std::string& path) { return static_cast<bool>(stat(path)); }
};

}  // namespace milena
