// Group commit by syncfs, for rounds of many files on a file system that holds little else: it also waits for what strangers wrote.
// Thread: of the round.
#pragma once
#include <functional>
#include <memory>

#include "os/file_system_flush.h"
#include "plane/sync_backend.h"

namespace milena {

inline constexpr size_t file_system_sync_files_min = 64;  // fewer: the backend behind it

class FileSystemSync final : public BatchSync {
 public:
  // `flush` as FileSystemFlush::run. `otherwise` serves rounds of fewer files, and all after a failure.
  FileSystemSync(std::function<Status()> flush, std::unique_ptr<BatchSync> otherwise) : flush_(std::move(flush)), otherwise_(std::move(otherwise)) {}
  void run(std::span<const BegunSync> files) override;
  size_t files_min() const override;

 private:
  const std::function<Status()> flush_;
  const std::unique_ptr<BatchSync> otherwise_;  // null: threads
  bool has_failed_ = false;
};

}  // namespace milena
