// The real disk: pread, pwritev, fdatasync and directory calls of Linux.
#pragma once
#include "os/fault_hook.h"
#include "os/file.h"

namespace milena {

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status remove_directory(const std::string& path) override;
  Status make_directory(const std::string& path) override;
  Status sync_directory(const std::string& path) override;
  Result<std::vector<DirectoryEntry>> list(const std::string& path) override;
  Result<FileStat> stat(const std::string& path) override;
  FaultHook& faults() override { return faults_; }

 private:
  FaultHook faults_;
};

}  // namespace milena
