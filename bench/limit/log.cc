#include "log.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>

#include "base/endian.h"
#include "wire/batch_layout.h"

namespace milena::limit {
namespace {

namespace at = batch_layout;

// From `first` on, all that go into one log, at most as many as one call takes.
size_t end_of_run(const std::vector<Arrived>& arrived, size_t first) {
  size_t end = first + 1;
  while (end < arrived.size() && arrived[end].log == arrived[first].log && end - first < IOV_MAX) end++;
  return end;
}

bool append_run(Log& log, std::span<Arrived> run, std::vector<std::byte>& answers) {
  thread_local std::vector<iovec> pieces;
  pieces.clear();
  const std::lock_guard hold(log.lock);
  off_t end = log.size;
  for (const Arrived& one : run) {
    store(&one.batch[at::base_offset], log.next_offset);
    store(&answers[one.answer_at], log.next_offset);
    log.marks.push_back({log.next_offset, end});
    log.next_offset += load<int32_t>(&one.batch[at::last_offset_delta]) + 1;
    pieces.push_back({one.batch.data(), one.batch.size()});
    end += static_cast<off_t>(one.batch.size());
  }
  if (pwritev(log.fd, pieces.data(), static_cast<int>(pieces.size()), log.size) != end - log.size) return false;
  log.size = end;
  log.grown.notify_all();
  return true;
}

}  // namespace

off_t Log::position_of(int64_t offset) const {
  const auto behind = std::ranges::upper_bound(marks, offset, {}, &Mark::offset);
  return behind == marks.begin() ? 0 : std::prev(behind)->position;
}

bool append_all(std::vector<Arrived>& arrived, std::vector<std::byte>& answers) {
  if (arrived.size() > 1) std::ranges::stable_sort(arrived, {}, &Arrived::log);
  bool written = true;
  for (size_t first = 0, end = 0; first < arrived.size() && written; first = end) {
    end = end_of_run(arrived, first);
    written = append_run(*arrived[first].log, std::span(arrived).subspan(first, end - first), answers);
  }
  return written;
}

bool Topics::create(const std::string& name, int32_t partitions) {
  const std::unique_lock hold(lock_);
  std::vector<std::unique_ptr<Log>>& logs = topics_[name];
  while (static_cast<int32_t>(logs.size()) < partitions) {
    const std::string path = folder_ + "/" + name + "-" + std::to_string(logs.size());
    const int fd = open(path.c_str(), O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0644);
    if (fd < 0) return false;
    logs.push_back(std::make_unique<Log>(fd));
  }
  return true;
}

Log* Topics::find(std::string_view name, int32_t partition) {
  const std::shared_lock hold(lock_);
  const auto topic = topics_.find(name);
  if (topic == topics_.end() || partition < 0 || partition >= static_cast<int32_t>(topic->second.size())) return nullptr;
  return topic->second[static_cast<size_t>(partition)].get();
}

bool Topics::empty(std::string_view name) {
  const std::shared_lock hold(lock_);
  const auto topic = topics_.find(name);
  if (topic == topics_.end()) return false;
  bool emptied = true;
  for (const auto& log : topic->second) {
    const std::lock_guard still(log->lock);
    emptied = emptied && ftruncate(log->fd, 0) == 0;
    log->marks.clear();
    log->size = 0;
  }
  return emptied;
}

int32_t Topics::partitions_of(std::string_view name) {
  const std::shared_lock hold(lock_);
  const auto topic = topics_.find(name);
  return topic == topics_.end() ? -1 : static_cast<int32_t>(topic->second.size());
}

}  // namespace milena::limit
