#include "log/transaction_index.h"

#include "base/endian.h"
#include "os/whole_file.h"

namespace milena {
namespace {

constexpr int16_t aborted_version = 0;

}  // namespace

void write_aborted_entry(const AbortedEntry& entry, std::byte* to) {
  store<int16_t>(to, aborted_version);
  store<int64_t>(to + 2, entry.producer_id);
  store<int64_t>(to + 10, entry.first_offset);
  store<int64_t>(to + 18, entry.last_offset);
  store<int64_t>(to + 26, entry.last_stable_offset);
}

Result<std::vector<AbortedEntry>> parse_transaction_index(Bytes bytes) {
  std::vector<AbortedEntry> entries;
  for (; bytes.size() >= aborted_entry_bytes; bytes = bytes.subspan(aborted_entry_bytes)) {
    const std::byte* from = bytes.data();
    if (load<int16_t>(from) != aborted_version) return Status{Errc::corrupt};
    entries.push_back({load<int64_t>(from + 2), load<int64_t>(from + 10), load<int64_t>(from + 18), load<int64_t>(from + 26)});
  }
  return entries;
}

Result<std::vector<AbortedEntry>> read_transaction_index(FileSystem& files, const std::string& path, Patience patience) {
  const auto bytes = read_whole(files, path, patience);
  if (bytes) return parse_transaction_index(*bytes);
  if (bytes.why().code == Errc::not_found) return std::vector<AbortedEntry>{};
  return bytes.why();
}

}  // namespace milena
