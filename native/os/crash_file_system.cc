#include "os/crash_file_system.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace milena {
namespace {

constexpr uint64_t sector_bytes = 512;

Status missing() { return {Errc::not_found, ENOENT}; }
Status failed(const FaultVerdict& verdict) { return verdict.error == ENOENT ? missing() : Status::io(verdict.error); }

struct FileChange {
  bool truncation = false;
  uint64_t position = 0;  // of the write, or the new size
  std::vector<std::byte> data;
};

struct NameChange {
  std::string name;
  std::shared_ptr<CrashFileSystem::Node> node;  // null: removed
  std::string renamed_from;                     // not empty: this name goes at the same instant
};

void write_into(std::vector<std::byte>& bytes, uint64_t position, Bytes data) {
  if (data.empty()) return;
  if (bytes.size() < position + data.size()) bytes.resize(position + data.size());
  std::memcpy(bytes.data() + position, data.data(), data.size());
}

// What a write leaves behind when it was under way: nothing, all of it, a front part, or any of its sectors.
void write_part(std::vector<std::byte>& bytes, const FileChange& change, std::mt19937_64& chance) {
  const Bytes data = change.data;
  switch (chance() % 4) {
    case 0: return;
    case 1: return write_into(bytes, change.position, data);
    case 2: return write_into(bytes, change.position, data.first(chance() % (data.size() + 1)));
    default: break;
  }
  for (uint64_t at = 0; at < data.size();) {
    const uint64_t sector_left = sector_bytes - (change.position + at) % sector_bytes;
    const uint64_t take = std::min<uint64_t>(sector_left, data.size() - at);
    if (chance() % 2 == 0) write_into(bytes, change.position + at, data.subspan(at, take));
    at += take;
  }
}

}  // namespace

struct CrashFileSystem::Node {
  bool is_directory = false;
  std::vector<std::byte> now;   // a file, as the process sees it
  std::vector<std::byte> safe;  // a file, as of its last sync
  std::vector<FileChange> changes;
  Children names;  // a directory, likewise
  Children safe_names;
  std::vector<NameChange> name_changes;

  void change_name(NameChange change) {
    apply(names, change);
    name_changes.push_back(std::move(change));
  }
  static void apply(Children& children, const NameChange& change) {
    if (!change.renamed_from.empty()) children.erase(change.renamed_from);
    if (change.node == nullptr) children.erase(change.name);
    else children[change.name] = change.node;
  }
};

class CrashFile final : public File {
 public:
  CrashFile(CrashFileSystem& files, std::shared_ptr<CrashFileSystem::Node> node) : files_(files), node_(std::move(node)), life_(files.life_) {}

  Result<size_t> read_at(uint64_t position, MutableBytes into) const override {
    if (const FaultVerdict verdict = files_.faults_.before(FileCall::read); verdict.error != 0) return failed(verdict);
    const std::lock_guard lock(files_.mutex_);
    if (life_ != files_.life_) return Status::io(EIO);
    if (position >= node_->now.size()) return size_t{0};
    const size_t count = std::min<size_t>(into.size(), node_->now.size() - position);
    if (count > 0) std::memcpy(into.data(), node_->now.data() + position, count);
    return count;
  }

  Result<size_t> read_in_memory(uint64_t position, MutableBytes into) const override {
    const FaultVerdict verdict = files_.faults_.before(FileCall::read_in_memory);
    if (verdict.error == EAGAIN) return Status{Errc::would_wait};
    return verdict.error != 0 ? failed(verdict) : read_at(position, into);
  }

  WriteOutcome write_at(uint64_t position, std::span<const iovec> slices) override {
    const FaultVerdict verdict = files_.faults_.before(FileCall::write);
    const std::lock_guard lock(files_.mutex_);
    if (life_ != files_.life_) return {Status::io(EIO), 0};
    FileChange change{false, position, {}};
    for (const iovec& slice : slices) {
      const auto* front = static_cast<const std::byte*>(slice.iov_base);
      change.data.insert(change.data.end(), front, front + slice.iov_len);
    }
    if (verdict.error != 0) change.data.resize(std::min<uint64_t>(change.data.size(), verdict.written_bytes.value_or(0)));
    const uint64_t written = change.data.size();
    write_into(node_->now, position, change.data);
    node_->changes.push_back(std::move(change));
    if (verdict.error != 0) return {Status::io(verdict.error), written};
    return {{}, written};
  }

  Status sync() override {
    uint64_t changes = 0;
    std::vector<std::byte> seen;
    {
      const std::lock_guard lock(files_.mutex_);
      if (life_ != files_.life_) return Status::io(EIO);
      changes = node_->changes.size();
      seen = node_->now;
    }
    if (const FaultVerdict verdict = files_.faults_.before(FileCall::sync); verdict.error != 0) return failed(verdict);
    const std::lock_guard lock(files_.mutex_);
    if (life_ != files_.life_) return Status::io(EIO);
    // Only what was written before the call is promised.
    node_->safe = std::move(seen);
    node_->changes.erase(node_->changes.begin(), node_->changes.begin() + static_cast<std::ptrdiff_t>(std::min<uint64_t>(changes, node_->changes.size())));
    return {};
  }

  Status truncate(uint64_t size) override {
    if (const FaultVerdict verdict = files_.faults_.before(FileCall::truncate); verdict.error != 0) return failed(verdict);
    const std::lock_guard lock(files_.mutex_);
    if (life_ != files_.life_) return Status::io(EIO);
    node_->now.resize(size);
    node_->changes.push_back({true, size, {}});
    return {};
  }

  Result<uint64_t> size() const override {
    const std::lock_guard lock(files_.mutex_);
    if (life_ != files_.life_) return Status::io(EIO);
    return static_cast<uint64_t>(node_->now.size());
  }

  int descriptor() const override { return -1; }

 private:
  CrashFileSystem& files_;
  const std::shared_ptr<CrashFileSystem::Node> node_;
  const uint64_t life_;
};

CrashFileSystem::CrashFileSystem() : root_(std::make_shared<Node>()) { root_->is_directory = true; }
CrashFileSystem::~CrashFileSystem() = default;

std::shared_ptr<CrashFileSystem::Node> CrashFileSystem::parent_of(const std::string& path, std::string& name) const {
  std::shared_ptr<Node> at = root_;
  size_t begin = 0;
  name.clear();
  while (begin <= path.size()) {
    const size_t end = std::min(path.find('/', begin), path.size());
    if (end > begin) {
      if (!name.empty()) {
        const auto next = at->names.find(name);
        if (next == at->names.end() || !next->second->is_directory) return nullptr;
        at = next->second;
      }
      name = path.substr(begin, end - begin);
    }
    begin = end + 1;
  }
  return at;
}

std::shared_ptr<CrashFileSystem::Node> CrashFileSystem::find(const std::string& path) const {
  std::string name;
  const auto parent = parent_of(path, name);
  if (parent == nullptr || name.empty()) return parent;
  const auto found = parent->names.find(name);
  return found == parent->names.end() ? nullptr : found->second;
}

Result<std::unique_ptr<File>> CrashFileSystem::open(const std::string& path, OpenMode mode) {
  if (const FaultVerdict verdict = faults_.before(FileCall::open); verdict.error != 0) return failed(verdict);
  const std::lock_guard lock(mutex_);
  std::string name;
  const auto parent = parent_of(path, name);
  if (parent == nullptr) return missing();
  const auto found = parent->names.find(name);
  std::shared_ptr<Node> node;
  if (found != parent->names.end()) {
    node = found->second;
    if (node->is_directory) return Status::io(EISDIR);
    if (mode == OpenMode::create_new) {
      node->now.clear();
      node->changes.push_back({true, 0, {}});
    }
  } else {
    if (mode == OpenMode::read || mode == OpenMode::write) return missing();
    node = std::make_shared<Node>();
    parent->change_name({name, node, {}});
  }
  return std::unique_ptr<File>(std::make_unique<CrashFile>(*this, std::move(node)));
}

Status CrashFileSystem::rename(const std::string& from, const std::string& to) {
  if (const FaultVerdict verdict = faults_.before(FileCall::rename); verdict.error != 0) return failed(verdict);
  const std::lock_guard lock(mutex_);
  std::string from_name;
  std::string to_name;
  const auto from_parent = parent_of(from, from_name);
  const auto to_parent = parent_of(to, to_name);
  if (from_parent == nullptr || to_parent == nullptr) return missing();
  const auto found = from_parent->names.find(from_name);
  if (found == from_parent->names.end()) return missing();
  if (from_parent != to_parent) return Status::io(EXDEV);
  if (from_name == to_name) return {};
  from_parent->change_name({to_name, found->second, from_name});
  return {};
}

Status CrashFileSystem::remove(const std::string& path) {
  if (const FaultVerdict verdict = faults_.before(FileCall::remove); verdict.error != 0) return failed(verdict);
  const std::lock_guard lock(mutex_);
  std::string name;
  const auto parent = parent_of(path, name);
  if (parent == nullptr) return missing();
  const auto found = parent->names.find(name);
  if (found == parent->names.end()) return missing();
  if (found->second->is_directory) return Status::io(EISDIR);
  parent->change_name({name, nullptr, {}});
  return {};
}

Status CrashFileSystem::remove_directory(const std::string& path) {
  if (const FaultVerdict verdict = faults_.before(FileCall::remove); verdict.error != 0) return failed(verdict);
  const std::lock_guard lock(mutex_);
  std::string name;
  const auto parent = parent_of(path, name);
  if (parent == nullptr) return missing();
  const auto found = parent->names.find(name);
  if (found == parent->names.end()) return missing();
  if (!found->second->is_directory) return Status::io(ENOTDIR);
  if (!found->second->names.empty()) return Status::io(ENOTEMPTY);
  parent->change_name({name, nullptr, {}});
  return {};
}

Status CrashFileSystem::make_directory(const std::string& path) {
  if (const FaultVerdict verdict = faults_.before(FileCall::make_directory); verdict.error != 0) return failed(verdict);
  const std::lock_guard lock(mutex_);
  std::string name;
  const auto parent = parent_of(path, name);
  if (parent == nullptr) return missing();
  if (name.empty()) return {};
  if (const auto found = parent->names.find(name); found != parent->names.end()) return found->second->is_directory ? Status{} : Status::io(ENOTDIR);
  auto node = std::make_shared<Node>();
  node->is_directory = true;
  parent->change_name({name, std::move(node), {}});
  return {};
}

Status CrashFileSystem::sync_directory(const std::string& path) {
  if (const FaultVerdict verdict = faults_.before(FileCall::sync_directory); verdict.error != 0) return failed(verdict);
  const std::lock_guard lock(mutex_);
  const auto node = find(path);
  if (node == nullptr) return missing();
  if (!node->is_directory) return Status::io(ENOTDIR);
  node->safe_names = node->names;
  node->name_changes.clear();
  return {};
}

Result<std::vector<DirectoryEntry>> CrashFileSystem::list(const std::string& path) {
  if (const FaultVerdict verdict = faults_.before(FileCall::list); verdict.error != 0) return failed(verdict);
  const std::lock_guard lock(mutex_);
  const auto node = find(path);
  if (node == nullptr) return missing();
  if (!node->is_directory) return Status::io(ENOTDIR);
  std::vector<DirectoryEntry> entries;
  for (const auto& [name, child] : node->names) entries.push_back({name, child->is_directory});
  return entries;
}

Result<FileStat> CrashFileSystem::stat(const std::string& path) {
  if (const FaultVerdict verdict = faults_.before(FileCall::stat); verdict.error != 0) return failed(verdict);
  const std::lock_guard lock(mutex_);
  const auto node = find(path);
  if (node == nullptr) return missing();
  return FileStat{node->now.size(), node->is_directory, 0};
}

void CrashFileSystem::crash_node(Node& node, std::mt19937_64& chance) {
  if (!node.is_directory) {
    node.now = std::move(node.safe);
    for (const FileChange& change : node.changes) {
      if (!change.truncation) write_part(node.now, change, chance);
      else if (chance() % 2 == 0) node.now.resize(change.position);
    }
    node.changes.clear();
    node.safe = node.now;
    return;
  }
  node.names = std::move(node.safe_names);
  size_t survivors = node.name_changes.empty() ? 0 : chance() % (node.name_changes.size() + 1);
  for (const NameChange& change : node.name_changes) {
    if (survivors-- == 0) break;
    Node::apply(node.names, change);
  }
  node.name_changes.clear();
  node.safe_names = node.names;
  for (auto& [name, child] : node.names) crash_node(*child, chance);
}

void CrashFileSystem::crash(std::mt19937_64& chance) {
  const std::lock_guard lock(mutex_);
  life_++;
  crash_node(*root_, chance);
}

void CrashFileSystem::kill_process() {
  const std::lock_guard lock(mutex_);
  life_++;
}

bool CrashFileSystem::flip_byte(const std::string& path, uint64_t position) {
  const std::lock_guard lock(mutex_);
  const auto node = find(path);
  if (node == nullptr || position >= node->now.size()) return false;
  node->now[position] ^= std::byte{0x20};
  if (position < node->safe.size()) node->safe[position] ^= std::byte{0x20};
  return true;
}

}  // namespace milena
