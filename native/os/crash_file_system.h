// A disk in memory that loses power. What was synced survives a crash; of every other write a random part does, sector by sector; file
// sizes and truncations likewise; a created, renamed or removed name only if its directory was synced, or by luck, in order of the calls.
// Harsher than a journalling filesystem on purpose. Thread: any, except crash(), which must be alone.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "os/fault_hook.h"
#include "os/file.h"

namespace milena {

class CrashFileSystem final : public FileSystem {
 public:
  CrashFileSystem();
  ~CrashFileSystem() override;

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status remove_directory(const std::string& path) override;
  Status make_directory(const std::string& path) override;
  Status sync_directory(const std::string& path) override;
  Result<std::vector<DirectoryEntry>> list(const std::string& path) override;
  Result<FileStat> stat(const std::string& path) override;
  FaultHook& faults() override { return faults_; }

  // The power goes and comes back. Files opened before are dead: every call answers EIO.
  void crash(std::mt19937_64& chance);
  // Only the process died: everything that was written is there, and files opened before are dead.
  void kill_process();
  // Changes one byte of a file as it is stored, durably: rot. False when there is no such byte.
  bool flip_byte(const std::string& path, uint64_t position);

  struct Node;

 private:
  friend class CrashFile;
  using Children = std::map<std::string, std::shared_ptr<Node>>;

  std::shared_ptr<Node> find(const std::string& path) const;
  std::shared_ptr<Node> parent_of(const std::string& path, std::string& name) const;
  void crash_node(Node& node, std::mt19937_64& chance);

  mutable std::mutex mutex_;
  FaultHook faults_;
  std::shared_ptr<Node> root_;
  uint64_t life_ = 0;  // counts crashes; a file handle is good for one
};

}  // namespace milena
