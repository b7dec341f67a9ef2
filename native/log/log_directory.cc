#include "log/log_directory.h"

#include <algorithm>
#include <utility>

#include "log/file_names.h"
#include "os/boot_id.h"
#include "os/whole_file.h"

namespace milena {
namespace {

constexpr size_t file_name_max = 255;

const char* checkpoint_name(Checkpoint which) {
  switch (which) {
    case Checkpoint::recovery_point: return file_names::recovery_point;
    case Checkpoint::high_watermark: return file_names::high_watermark;
    case Checkpoint::log_start: return file_names::log_start;
  }
  return "";
}

std::string hex(const Uuid& id) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : id.bytes) {
    text += digits[std::to_integer<unsigned>(byte) >> 4];
    text += digits[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

// Makes a directory with everything above it that is missing, durably.
Status make_directories(FileSystem& files, const std::string& path) {
  const auto facts = files.stat(path);
  if (facts || facts.why().code != Errc::not_found || path == "/" || path == ".") return facts ? Status{} : facts.why();
  const size_t slash = path.find_last_of('/');
  const std::string parent = slash == std::string::npos ? "." : path.substr(0, std::max<size_t>(slash, 1));
  if (const Status status = make_directories(files, parent); !status) return status;
  if (const Status status = files.make_directory(path); !status) return status;
  return files.sync_directory(parent);
}

// `<topic>-<p>.<hex>-<what>`; Kafka cuts long topic names, so the name before the dot need not be a partition's.
std::optional<PartitionDirectory> parse_renamed(const std::string& name) {
  constexpr std::pair<std::string_view, PartitionDirectoryKind> suffixes[] = {
      {"-delete", PartitionDirectoryKind::deleted}, {"-future", PartitionDirectoryKind::future}, {"-stray", PartitionDirectoryKind::stray}};
  for (const auto& [suffix, kind] : suffixes) {
    const size_t dot = name.rfind('.');
    if (!name.ends_with(suffix) || dot == std::string::npos || dot == 0) continue;
    const auto partition = file_names::partition_of(std::string_view(name).substr(0, dot));
    return PartitionDirectory{name, kind, partition.value_or(TopicPartition{})};
  }
  return std::nullopt;
}

}  // namespace

LogDirectory::LogDirectory(FileSystem& files, std::string path, LogDirectoryOptions options)
    : files_(files), path_(std::move(path)), options_(std::move(options)), descriptors_(options_.descriptors_max), removals_(files) {}

Result<std::unique_ptr<LogDirectory>> LogDirectory::open(FileSystem& files, std::string path, LogDirectoryOptions options) {
  std::unique_ptr<LogDirectory> directory(new LogDirectory(files, std::move(path), std::move(options)));
  if (const Status status = directory->start(); !status) return status;
  return directory;
}

Status LogDirectory::start() {
  if (const Status status = make_directories(files_, path_); !status) return status;
  if (options_.take_lock) {
    if (const Status status = lock_.take(path_); !status) return status;
  }
  if (const Status status = read_checkpoints(); !status) return status;
  if (const Status status = consume_clean_marker(); !status) return status;
  const auto partitions = list_partitions();
  if (!partitions) return partitions.why();
  for (const PartitionDirectory& partition : *partitions) {
    if (partition.kind == PartitionDirectoryKind::deleted) removals_.add(file(partition.name), true, 0);
  }
  return compare_boot_id();
}

void LogDirectory::notice(NoticeLevel level, const std::string& message) const {
  if (options_.notice) options_.notice(level, message);
}

Status LogDirectory::read_checkpoints() {
  for (size_t i = 0; i < checkpoint_kinds; i++) {
    const std::string path = file(checkpoint_name(static_cast<Checkpoint>(i)));
    const auto text = read_text(files_, path);
    if (!text) {
      if (text.why().code == Errc::not_found) continue;
      return text.why();
    }
    auto offsets = parse_offset_checkpoint(*text);
    if (offsets) checkpoints_[i] = std::move(*offsets);
    // Without a recovery point every log is read in full, without a high watermark it begins at log start: slower, nothing lost.
    else notice(NoticeLevel::error, path + " is not a checkpoint file and is ignored");
  }
  return {};
}

Status LogDirectory::consume_clean_marker() {
  const std::string path = file(file_names::clean_shutdown);
  was_clean_ = files_.exists(path);
  if (!was_clean_) return {};
  if (const Status status = files_.remove(path); !status) return status;
  return files_.sync_directory(path_);
}

// milena.boot: the boot id, then one line for every directory that has not been recovered since an earlier boot ended.
// Such a directory is judged as after a power cut even if the process now dies and comes back within this boot.
Status LogDirectory::compare_boot_id() {
  boot_id_ = options_.boot_id ? *options_.boot_id : machine_boot_id();
  const auto text = read_text(files_, file(file_names::boot_id));
  if (!text && text.why().code != Errc::not_found) return text.why();
  same_boot_ = !boot_id_.empty();
  const size_t first_end = text ? text->find('\n') : std::string::npos;
  const bool known_boot = text && !boot_id_.empty() && text->substr(0, first_end) == boot_id_;
  if (known_boot && !was_clean_) {
    for (size_t begin = first_end; begin != std::string::npos && begin + 1 < text->size();) {
      const size_t end = text->find('\n', begin + 1);
      unrecovered_.insert(text->substr(begin + 1, end == std::string::npos ? end : end - begin - 1));
      begin = end;
    }
    return {};
  }
  if (!was_clean_) {
    const auto partitions = list_partitions();
    if (!partitions) return partitions.why();
    for (const PartitionDirectory& partition : *partitions) {
      if (partition.kind == PartitionDirectoryKind::live) unrecovered_.insert(partition.name);
    }
  }
  return known_boot && *text == boot_id_ + "\n" ? Status{} : store_boot_id();
}

// Not synced: it is believed within one boot only, and until that ends everybody reads what was written.
Status LogDirectory::store_boot_id() {
  const std::lock_guard writing(write_mutex_);
  std::string text = boot_id_ + "\n";
  {
    const std::lock_guard lock(mutex_);
    for (const std::string& name : unrecovered_) text += name + "\n";
  }
  return replace_file_unsynced(files_, file(file_names::boot_id), bytes_of(text));
}

bool LogDirectory::same_boot(const TopicPartition& partition) const {
  const std::lock_guard lock(mutex_);
  return same_boot_ && !unrecovered_.contains(file_names::of_partition(partition));
}

void LogDirectory::recovered(const TopicPartition& partition) {
  bool last = false;
  {
    const std::lock_guard lock(mutex_);
    last = unrecovered_.erase(file_names::of_partition(partition)) > 0 && unrecovered_.empty();
  }
  if (!last) return;
  if (const Status status = store_boot_id(); !status) notice(NoticeLevel::warn, "cannot write " + file(file_names::boot_id));
}

Result<std::vector<PartitionDirectory>> LogDirectory::list_partitions() {
  const auto entries = files_.list(path_);
  if (!entries) return entries.why();
  std::vector<PartitionDirectory> partitions;
  for (const DirectoryEntry& entry : *entries) {
    if (!entry.is_directory) continue;
    if (auto renamed = parse_renamed(entry.name)) partitions.push_back(std::move(*renamed));
    else if (auto partition = file_names::partition_of(entry.name)) partitions.push_back({entry.name, PartitionDirectoryKind::live, std::move(*partition)});
  }
  return partitions;
}

std::optional<Offset> LogDirectory::checkpoint(Checkpoint which, const TopicPartition& partition) const {
  const std::lock_guard lock(mutex_);
  const OffsetMap& offsets = checkpoints_[static_cast<size_t>(which)];
  const auto found = offsets.find(partition);
  if (found == offsets.end()) return std::nullopt;
  return found->second;
}

Status LogDirectory::store_checkpoint(Checkpoint which, OffsetMap offsets) {
  const std::string text = format_offset_checkpoint(offsets);
  if (const Status status = replace_file(files_, file(checkpoint_name(which)), bytes_of(text)); !status) return status;
  if (const Status status = files_.sync_directory(path_); !status) return status;
  const std::lock_guard lock(mutex_);
  checkpoints_[static_cast<size_t>(which)] = std::move(offsets);
  checkpoint_written_[static_cast<size_t>(which)] = true;
  return {};
}

Status LogDirectory::merge_checkpoint(Checkpoint which, const OffsetMap& changed, const std::vector<TopicPartition>& gone) {
  const std::lock_guard writing(write_mutex_);
  OffsetMap offsets;
  {
    const std::lock_guard lock(mutex_);
    const OffsetMap& written = checkpoints_[static_cast<size_t>(which)];
    const auto says = [&written](const auto& entry) {
      const auto found = written.find(entry.first);
      return found != written.end() && found->second == entry.second;
    };
    const auto lacks = [&written](const TopicPartition& partition) { return !written.contains(partition); };
    if (checkpoint_written_[static_cast<size_t>(which)] && std::ranges::all_of(changed, says) && std::ranges::all_of(gone, lacks)) return {};
    offsets = written;
  }
  for (const auto& [partition, offset] : changed) offsets[partition] = offset;
  for (const TopicPartition& partition : gone) offsets.erase(partition);
  return store_checkpoint(which, std::move(offsets));
}

Status LogDirectory::mark_clean_shutdown(int64_t broker_epoch) {
  const std::string text = "{\"version\":0,\"brokerEpoch\":" + std::to_string(broker_epoch) + "}";
  const std::lock_guard writing(write_mutex_);
  if (const Status status = write_whole(files_, file(file_names::clean_shutdown), bytes_of(text), true); !status) return status;
  return files_.sync_directory(path_);
}

Status LogDirectory::rename_away(const TopicPartition& partition, const Uuid& unique, const char* suffix, std::string& renamed) {
  const std::string tail = "-" + std::to_string(partition.partition) + "." + hex(unique) + suffix;
  renamed = file(partition.topic.substr(0, file_name_max - tail.size()) + tail);
  if (const Status status = files_.rename(file(file_names::of_partition(partition)), renamed); !status) return status;
  {
    const std::lock_guard lock(mutex_);
    unrecovered_.erase(file_names::of_partition(partition));
  }
  // Durable before a topic of the same name may take the place.
  return files_.sync_directory(path_);
}

Status LogDirectory::delete_partition(const TopicPartition& partition, const Uuid& unique, int64_t now_ms, int64_t delay_ms) {
  std::string renamed;
  if (const Status status = rename_away(partition, unique, "-delete", renamed); !status) return status;
  removals_.add(std::move(renamed), true, now_ms + std::max<int64_t>(delay_ms, 0));
  return {};
}

Status LogDirectory::set_aside(const TopicPartition& partition, const Uuid& unique) {
  std::string renamed;
  if (const Status status = rename_away(partition, unique, "-stray", renamed); !status) return status;
  notice(NoticeLevel::warn, file(file_names::of_partition(partition)) + " belongs to a deleted topic and was renamed to " + renamed);
  return {};
}

}  // namespace milena
