#include "log/segment_listing.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "log/batch_walk.h"
#include "log/file_names.h"

namespace milena {
namespace {

constexpr std::string_view segment_suffixes[] = {file_names::log, file_names::offset_index, file_names::time_index, file_names::transaction_index};
// Removals of Raft snapshots in `__cluster_metadata-0`; they are not the log's.
constexpr std::string_view metadata_snapshot_deleted = ".checkpoint.deleted";

std::optional<Offset> offset_of_any(std::string_view name, std::string_view behind) {
  if (!file_names::ends_with(name, behind)) return std::nullopt;
  const std::string_view front = name.substr(0, name.size() - behind.size());
  for (const std::string_view suffix : segment_suffixes) {
    if (const auto offset = file_names::offset_of(front, suffix)) return offset;
  }
  return std::nullopt;
}

Status remove_if_there(FileSystem& files, const std::string& path) {
  const Status status = files.remove(path);
  return status.code == Errc::not_found ? Status{} : status;
}

// The offset after the last whole batch of a file.
Result<Offset> next_offset_of(FileSystem& files, const std::string& path, Offset base) {
  const auto file = files.open(path, OpenMode::read);
  if (!file) return file.why();
  const auto size = (*file)->size();
  if (!size) return size.why();
  Offset next = base;
  BatchWalk walk(**file, 0, *size, BatchWalk::Depth::headers);
  while (walk.next() == BatchWalk::Step::batch) next = Offset{walk.info().next_offset()};
  if (!walk.status()) return walk.status();
  return next;
}

// Kafka's cleaner replaces segments in steps: it writes `.cleaned`, renames to `.swap` when all is complete, then removes the old segments
// and renames again. `.cleaned` is therefore not complete, and `.swap` is.
Status finish_swap(FileSystem& files, const std::string& path, std::vector<std::string>& names) {
  std::optional<Offset> first_cleaned;
  for (const std::string& name : names) {
    const auto offset = offset_of_any(name, file_names::cleaned);
    if (offset && (!first_cleaned || *offset < *first_cleaned)) first_cleaned = offset;
  }
  std::optional<Offset> swap_begin;
  Offset swap_end;
  std::vector<std::string> swaps;
  for (const std::string& name : names) {
    const auto offset = offset_of_any(name, file_names::swap);
    if (!offset) continue;
    if (first_cleaned && *offset >= *first_cleaned) {
      if (const Status status = remove_if_there(files, path + "/" + name); !status) return status;
      continue;
    }
    swaps.push_back(name);
    if (!file_names::ends_with(name, std::string(file_names::log) + std::string(file_names::swap))) continue;
    const auto next = next_offset_of(files, path + "/" + name, *offset);
    if (!next) return next.why();
    swap_begin = std::min(swap_begin.value_or(*offset), *offset);
    swap_end = std::max(swap_end, *next);
  }
  for (const std::string& name : names) {
    const auto offset = offset_of_any(name, "");
    const bool replaced = offset && swap_begin && *offset >= *swap_begin && *offset < swap_end;
    if (!replaced && !offset_of_any(name, file_names::cleaned)) continue;
    if (const Status status = remove_if_there(files, path + "/" + name); !status) return status;
  }
  for (const std::string& name : swaps) {
    const std::string to = name.substr(0, name.size() - file_names::swap.size());
    if (const Status status = files.rename(path + "/" + name, path + "/" + to); !status) return status;
  }
  return {};
}

Result<std::vector<std::string>> file_names_in(FileSystem& files, const std::string& path) {
  const auto entries = files.list(path);
  if (!entries) return entries.why();
  std::vector<std::string> names;
  for (const DirectoryEntry& entry : *entries) {
    if (!entry.is_directory) names.push_back(entry.name);
  }
  return names;
}

}  // namespace

Result<std::vector<ListedSegment>> list_segments(FileSystem& files, const std::string& path) {
  auto names = file_names_in(files, path);
  if (!names) return names.why();
  bool swapped = false;
  for (const std::string& name : *names) {
    if (file_names::ends_with(name, file_names::deleted) && !file_names::ends_with(name, metadata_snapshot_deleted)) {
      if (const Status status = remove_if_there(files, path + "/" + name); !status) return status;
    }
    swapped = swapped || offset_of_any(name, file_names::cleaned) || offset_of_any(name, file_names::swap);
  }
  if (swapped) {
    if (const Status status = finish_swap(files, path, *names); !status) return status;
    names = file_names_in(files, path);
    if (!names) return names.why();
  }
  std::map<Offset, ListedSegment> found;
  for (const std::string& name : *names) {
    const auto base = file_names::offset_of(name, file_names::log);
    if (!base) continue;
    const auto facts = files.stat(path + "/" + name);
    if (!facts) return facts.why();
    if (facts->size > static_cast<uint64_t>(std::numeric_limits<int32_t>::max())) return Status{Errc::corrupt};
    found[*base] = {*base, facts->size, false, false, false};
  }
  for (const std::string& name : *names) {
    const auto offset = offset_of_any(name, "");
    if (!offset || file_names::ends_with(name, file_names::log)) continue;
    const auto segment = found.find(*offset);
    if (segment == found.end()) {
      if (const Status status = remove_if_there(files, path + "/" + name); !status) return status;
      continue;
    }
    if (file_names::offset_of(name, file_names::offset_index)) segment->second.has_offset_index = true;
    else if (file_names::offset_of(name, file_names::time_index)) segment->second.has_time_index = true;
    else segment->second.has_transaction_index = true;
  }
  std::vector<ListedSegment> segments;
  for (const auto& [base, segment] : found) segments.push_back(segment);
  return segments;
}

}  // namespace milena
