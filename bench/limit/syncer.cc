#include "syncer.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace milena::limit {

bool send_all(int socket, Bytes bytes, int flags) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | flags);
    if (sent <= 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(sent));
  }
  return true;
}

Syncer::~Syncer() {
  {
    const std::lock_guard hold(lock_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Syncer::hand_over(const std::vector<Log*>& logs, Bytes answers) {
  const std::lock_guard hold(lock_);
  dirty_.insert(dirty_.end(), logs.begin(), logs.end());
  answers_.insert(answers_.end(), answers.begin(), answers.end());
  changed_.notify_all();
}

bool Syncer::settle() {
  std::unique_lock hold(lock_);
  changed_.wait(hold, [this] { return failed_ || (!busy_ && answers_.empty()); });
  return !failed_;
}

void Syncer::work() {
  std::vector<Log*> logs;
  std::vector<std::byte> answers;
  std::unique_lock hold(lock_);
  while (true) {
    changed_.wait(hold, [this] { return ending_ || !answers_.empty(); });
    if (ending_) return;
    logs.clear();
    answers.clear();
    logs.swap(dirty_);
    answers.swap(answers_);
    busy_ = true;
    hold.unlock();
    std::ranges::sort(logs);
    const auto repeated = std::ranges::unique(logs);
    logs.erase(repeated.begin(), repeated.end());
    bool good = true;
    for (const Log* log : logs) good = good && fdatasync(log->fd) == 0;
    good = good && send_all(socket_, answers);
    hold.lock();
    busy_ = false;
    failed_ = failed_ || !good;
    changed_.notify_all();
  }
}

}  // namespace milena::limit
