// The `<offset>.txnindex` file: which transactions with their marker in the segment were aborted.
//   i16 version 0 | i64 producer id | i64 first offset | i64 last offset (of the marker) | i64 last stable offset, an entry
#pragma once
#include <string>
#include <vector>

#include "base/status.h"
#include "os/file.h"

namespace milena {

struct AbortedEntry {
  int64_t producer_id = -1;
  int64_t first_offset = -1;
  int64_t last_offset = -1;
  int64_t last_stable_offset = -1;
  bool operator==(const AbortedEntry&) const = default;
};

inline constexpr size_t aborted_entry_bytes = 2 + 4 * 8;

void write_aborted_entry(const AbortedEntry& entry, std::byte* to);
// Whole entries; a torn one at the end is left out. Errc::corrupt for another version.
Result<std::vector<AbortedEntry>> parse_transaction_index(Bytes bytes);
// None when the file is not there. Opens it in any case; with Patience::never_waits Errc::would_wait when it is not in memory.
Result<std::vector<AbortedEntry>> read_transaction_index(FileSystem& files, const std::string& path, Patience patience = Patience::waits);

}  // namespace milena
