// Which leader epoch began at which offset (KIP-101, KIP-320). Entries rise in both. Thread: any; a reader sees one consistent state.
#pragma once
#include <mutex>
#include <vector>

#include "log/log_types.h"
#include "log/offset_checkpoint.h"

namespace milena {

class EpochCache {
 public:
  // Records that `epoch` began at `start`; entries that contradict it go. False when it was known already.
  bool assign(LeaderEpoch epoch, Offset start);
  // Forgets epochs that began at or above `end`.
  void truncate_from_end(Offset end);
  // The epoch in force at `start` begins there now; older ones are forgotten.
  void truncate_from_start(Offset start);
  void replace(std::vector<EpochEntry> entries);

  LeaderEpoch latest() const;
  EpochEnd end_offset_for(LeaderEpoch epoch, Offset log_end) const;
  // The epoch of the first entry when it began at or before `log_start`, else -1.
  LeaderEpoch earliest_at(Offset log_start) const;
  std::vector<EpochEntry> entries() const;
  // True once after each change: the checkpoint file is to be written.
  bool take_dirty();
  // Whether the file lacks something about records below `log_end`. An epoch that has none yet says nothing that the next one,
  // which begins at the same offset, would not say too.
  bool file_lacks(Offset log_end) const;
  void mark_dirty();

 private:
  mutable std::mutex mutex_;
  std::vector<EpochEntry> entries_;
  std::vector<EpochEntry> in_file_;
  bool dirty_ = false;
};

}  // namespace milena
