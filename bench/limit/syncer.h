// `sync`: answers leave when what they acknowledge is on the disk. The connection goes on receiving and appending meanwhile: one
// sync serves everything that was appended before it began. Threads: one that hands over, one of its own.
#pragma once
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/types.h"
#include "log.h"

namespace milena::limit {

bool send_all(int socket, Bytes bytes, int flags = 0);

class Syncer {
 public:
  explicit Syncer(int socket) : socket_(socket), thread_([this] { work(); }) {}
  ~Syncer();
  Syncer(const Syncer&) = delete;
  Syncer& operator=(const Syncer&) = delete;

  // `answers` acknowledge what was appended to `logs`.
  void hand_over(const std::vector<Log*>& logs, Bytes answers);
  // Waits until all that was handed over has been sent. False: the disk or the connection failed.
  bool settle();

 private:
  void work();

  const int socket_;
  std::mutex lock_;
  std::condition_variable changed_;
  std::vector<Log*> dirty_;
  std::vector<std::byte> answers_;
  bool busy_ = false, failed_ = false, ending_ = false;
  std::thread thread_;
};

}  // namespace milena::limit
