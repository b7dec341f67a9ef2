// One directory of log.dirs: its lock, its partitions, its checkpoint files, its clean-shutdown marker, its descriptors, its pending removals.
// Thread: any, except where it says otherwise.
#pragma once
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "log/deferred_removals.h"
#include "log/descriptor_cache.h"
#include "log/log_types.h"
#include "log/offset_checkpoint.h"
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

struct LogDirectoryOptions {
  bool take_lock = true;               // false only for file systems in memory
  size_t descriptors_max = 1024;       // idle descriptors kept open
  std::optional<std::string> boot_id;  // default: the machine's
  NoticeSink notice;
};

class LogDirectory {
 public:
  // Makes the directory if need be, takes `.lock` (Errc::locked when another broker has it, of this process too), reads the
  // checkpoints, consumes `.kafka_cleanshutdown`, compares and stores the boot id, queues `-delete` directories for removal.
  static Result<std::unique_ptr<LogDirectory>> open(FileSystem& files, std::string path, LogDirectoryOptions options);

  const std::string& path() const { return path_; }
  FileSystem& files() { return files_; }
  DescriptorCache& descriptors() { return descriptors_; }
  DeferredRemovals& removals() { return removals_; }
  void notice(NoticeLevel level, const std::string& message) const;

  // The previous stop was clean: nothing needs recovery.
  bool was_clean() const { return was_clean_; }
  // Nothing but the process has died since this log was last in order: the machine has not lost its memory.
  bool same_boot(const TopicPartition& partition) const;
  // The log was opened and is in order and durable.
  void recovered(const TopicPartition& partition);

  // Partition directories, in no order. Other names are left alone.
  Result<std::vector<PartitionDirectory>> list_partitions();

  // As read at open, then as last written.
  std::optional<Offset> checkpoint(Checkpoint which, const TopicPartition& partition) const;
  // Replaces a checkpoint file: temporary file, sync, rename, directory sync. Replaces or removes the entries of some partitions and leaves
  // the others (a partition that is not open keeps what it had). Nothing is written when the file says all that already. Blocking.
  Status merge_checkpoint(Checkpoint which, const OffsetMap& changed, const std::vector<TopicPartition>& gone = {});

  // Last act of a clean stop, after every log was closed ok and the checkpoints were written.
  Status mark_clean_shutdown(int64_t broker_epoch = -1);

  // Renames the partition's directory to `<topic>-<p>.<hex>-delete`, durably, and lets DeferredRemovals remove it after `delay_ms`.
  // The log must have been closed. `unique` (random) becomes part of the name.
  Status delete_partition(const TopicPartition& partition, const Uuid& unique, int64_t now_ms, int64_t delay_ms);
  // Renames it to `-stray` and leaves it there: it belongs to a topic that no longer exists.
  Status set_aside(const TopicPartition& partition, const Uuid& unique);

 private:
  LogDirectory(FileSystem& files, std::string path, LogDirectoryOptions options);
  Status start();
  Status read_checkpoints();
  Status consume_clean_marker();
  Status compare_boot_id();
  Status store_boot_id();
  Status store_checkpoint(Checkpoint which, OffsetMap offsets);
  Status rename_away(const TopicPartition& partition, const Uuid& unique, const char* suffix, std::string& renamed);
  std::string file(const std::string& name) const { return path_ + "/" + name; }

  FileSystem& files_;
  const std::string path_;
  const LogDirectoryOptions options_;
  DirectoryLock lock_;
  DescriptorCache descriptors_;
  DeferredRemovals removals_;
  bool was_clean_ = false;
  std::string boot_id_;
  bool same_boot_ = false;
  mutable std::mutex mutex_;  // guards what follows
  OffsetMap checkpoints_[checkpoint_kinds];
  bool checkpoint_written_[checkpoint_kinds] = {};  // by this process, so that the file is known to be in order
  std::set<std::string> unrecovered_;  // directories not yet looked at since the last power cut
  std::mutex write_mutex_;             // one writer of directory files at a time; taken before mutex_
};

}  // namespace milena
