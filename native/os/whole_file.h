// Small files, read and replaced as a whole.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "os/file.h"

namespace milena {

inline constexpr uint64_t whole_file_bytes_max = 256u << 20;  // larger: Errc::corrupt

// With Patience::never_waits it is opened nonetheless, and Errc::would_wait when it is not in memory.
Result<std::vector<std::byte>> read_whole(FileSystem& files, const std::string& path, Patience patience = Patience::waits);
Result<std::string> read_text(FileSystem& files, const std::string& path);

// Writes a new file or over an old one, not atomically.
Status write_whole(FileSystem& files, const std::string& path, Bytes bytes, bool sync);

// Replaces `path`: `<path>.tmp`, sync, rename. Durable only after the directory has been synced, which is the caller's.
Status replace_file(FileSystem& files, const std::string& path, Bytes bytes);
// The same for processes: another one finds the old file or the new one. A power cut may leave either, or neither.
Status replace_file_unsynced(FileSystem& files, const std::string& path, Bytes bytes);

inline Bytes bytes_of(const std::string& text) { return std::as_bytes(std::span<const char>(text.data(), text.size())); }

}  // namespace milena
