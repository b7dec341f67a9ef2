#include "os/whole_file.h"

namespace milena {

Result<std::vector<std::byte>> read_whole(FileSystem& files, const std::string& path, Patience patience) {
  auto file = files.open(path, OpenMode::read);
  if (!file) return file.why();
  const auto size = (*file)->size();
  if (!size) return size.why();
  if (*size > whole_file_bytes_max) return Status{Errc::corrupt};
  std::vector<std::byte> bytes(*size);
  const auto got = (*file)->read(0, bytes, patience);
  if (!got) return got.why();
  bytes.resize(*got);
  return bytes;
}

Result<std::string> read_text(FileSystem& files, const std::string& path) {
  const auto bytes = read_whole(files, path);
  if (!bytes) return bytes.why();
  return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

Status write_whole(FileSystem& files, const std::string& path, Bytes bytes, bool sync) {
  auto file = files.open(path, OpenMode::create_new);
  if (!file) return file.why();
  if (const WriteOutcome outcome = (*file)->write_at(0, bytes); !outcome) return outcome.status;
  return sync ? (*file)->sync() : Status{};
}

namespace {

Status replace(FileSystem& files, const std::string& path, Bytes bytes, bool sync) {
  const std::string temporary = path + ".tmp";
  if (const Status status = write_whole(files, temporary, bytes, sync); !status) return status;
  return files.rename(temporary, path);
}

}  // namespace

Status replace_file(FileSystem& files, const std::string& path, Bytes bytes) { return replace(files, path, bytes, true); }

Status replace_file_unsynced(FileSystem& files, const std::string& path, Bytes bytes) { return replace(files, path, bytes, false); }

}  // namespace milena
