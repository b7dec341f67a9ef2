// Writes the `.cleaned` files of one new segment: log, indexes, transaction index. Owner: one pass of a cleaner.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "log/segment.h"
#include "log/transaction_index.h"
#include "os/file.h"
#include "os/writeback.h"

namespace milena {

class CleanedSegment {
 public:
  CleanedSegment(FileSystem& files, std::string path, Offset base, uint32_t index_interval_bytes)
      : files_(files), path_(std::move(path)), base_(base), index_interval_bytes_(index_interval_bytes) {}

  // Makes the log file, over what an earlier attempt has left.
  Status begin();
  // One whole batch with its header.
  Status append(Bytes batch, const BatchInfo& info);
  void aborted(const std::vector<AbortedEntry>& entries) { aborted_.insert(aborted_.end(), entries.begin(), entries.end()); }
  // Writes what is left and makes all files durable; their names are not yet.
  Status finish();
  // Removes whatever is there.
  void discard();

  Offset base() const { return base_; }
  uint64_t size() const { return size_; }
  IndexCounts index_counts() const { return tail_.total(); }
  const MaxTimestamp& max_timestamp() const { return max_timestamp_; }
  const std::vector<AbortedEntry>& aborted_entries() const { return aborted_; }

 private:
  std::string name(std::string_view suffix) const;
  Status flush();

  FileSystem& files_;
  const std::string path_;  // the partition's directory
  const Offset base_;
  const uint32_t index_interval_bytes_;
  std::unique_ptr<File> log_;
  Writeback writeback_;
  std::vector<std::byte> staged_;
  uint64_t size_ = 0;  // of the log, staged bytes included
  uint32_t bytes_since_entry_ = 0;
  int64_t last_time_entry_ms_ = no_timestamp;
  MaxTimestamp max_timestamp_{no_timestamp, Offset{0}};
  IndexTail tail_{IndexCounts{}};
  std::vector<AbortedEntry> aborted_;
};

}  // namespace milena
