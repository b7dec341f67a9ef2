// One directory of log.dirs: its lock, its partitions, its checkpoint files, its clean-shutdown marker, its descriptors, its pending removals.
// Thread: any, except where it says otherwise.
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "log/deferred_removals.h"
#include "log/descriptor_cache.h"
#include "log/log_types.h"
#include "log/topic_partition.h"
#include "os/directory_lock.h"
#include "os/file.h"

namespace milena {

enum class PartitionDirectoryKind : uint8_t { live, deleted, future, stray };

struct PartitionDirectory {
  std::string name;  // of the directory
  PartitionDirectoryKind kind = PartitionDirectoryKind::live;
  TopicPartition partition;
};

// Offsets that outlive a restart, one per partition; kept in Kafka's checkpoint files.
enum class Checkpoint : uint8_t { recovery_point, high_watermark, log_start };
inline constexpr size_t checkpoint_kinds = 3;
using OffsetMap = std::map<TopicPartition, Offset>;

struct LogDirectoryOptions {
  bool take_lock = true;           // false only for file systems in memory
  size_t descriptors_max = 1024;   // idle descriptors kept open
  std::optional<std::string> boot_id;  // default: the machine's
  NoticeSink notice;
};

class LogDirectory {
 public:
  // Makes the directory if need be, takes `.lock` (Errc::locked when another broker has it, of this process too), reads the
  // checkpoints, consumes `.kafka_cleanshutdown`, compares and stores the boot id.
  static Result<std::unique_ptr<LogDirectory>> open(FileSystem& files, std::string path, LogDirectoryOptions options);
  ~LogDirectory();

  const std::string& path() const { return path_; }
  FileSystem& files() { return files_; }
  DescriptorCache& descriptors() { return descriptors_; }
  DeferredRemovals& removals() { return removals_; }
  void notice(NoticeLevel level, const std::string& message) const;

  // The previous stop was clean: nothing needs recovery.
  bool was_clean() const { return was_clean_; }
  // The machine has not been restarted since the directory was last opened: only the process died.
  bool same_boot() const { return same_boot_; }

  // Partition directories, in no order. Other names are left alone.
  Result<std::vector<PartitionDirectory>> list_partitions();

  // As read at open, then as last written.
  std::optional<Offset> checkpoint(Checkpoint which, const TopicPartition& partition) const;
  // Replaces a checkpoint file: temporary file, sync, rename, directory sync. Blocking.
  Status write_checkpoint(Checkpoint which, OffsetMap offsets);
  // Replaces the entries of some partitions and leaves the others (a partition that is not open keeps what it had).
  Status merge_checkpoint(Checkpoint which, const OffsetMap& changed, const std::vector<TopicPartition>& gone = {});

  // Last act of a clean stop, after every log was closed ok and the checkpoints were written.
  Status mark_clean_shutdown();

  // Renames the partition's directory to `<topic>-<p>.<hex>-delete` and lets DeferredRemovals remove it after `delay_ms`.
  // The log must have been closed. `unique` becomes part of the name (32 hex digits).
  Status delete_partition(const TopicPartition& partition, const TopicId& unique, int64_t now_ms, int64_t delay_ms);

 private:
  LogDirectory(FileSystem& files, std::string path, LogDirectoryOptions options);
  Status start();
  Status read_checkpoints();
  Status consume_clean_marker();
  Status compare_boot_id();
  std::string file(const char* name) const { return path_ + "/" + name; }

  FileSystem& files_;
  const std::string path_;
  const LogDirectoryOptions options_;
  DirectoryLock lock_;
  DescriptorCache descriptors_;
  DeferredRemovals removals_;
  bool was_clean_ = false;
  bool same_boot_ = false;
  mutable std::mutex mutex_;        // guards checkpoints_
  std::mutex write_mutex_;          // one checkpoint write at a time
  OffsetMap checkpoints_[checkpoint_kinds];
};

}  // namespace milena
