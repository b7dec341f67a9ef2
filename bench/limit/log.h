// A partition as little as it can be: one file, where each batch begins in it, and the next offset.
#pragma once
#include <sys/types.h>

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "base/types.h"

namespace milena::limit {

// Thread: any; `lock` is held for everything below it.
struct Log {
  explicit Log(int opened) : fd(opened) {}

  // Where the batch with `offset` begins.
  off_t position_of(int64_t offset) const;

  const int fd;
  std::mutex lock;
  std::condition_variable grown;
  struct Mark {
    int64_t offset;
    off_t position;
  };
  std::vector<Mark> marks;
  int64_t next_offset = 0;
  off_t size = 0;
};

// A batch that was received and checked. Its bytes lie in the connection's buffer.
struct Arrived {
  Log* log;
  MutableBytes batch;
  size_t answer_at;  // where the answer has room for the base offset
};

// Gives offsets to what arrived, tells them to the answers, and appends: one call for each log. False: the disk failed.
bool append_all(std::vector<Arrived>& arrived, std::vector<std::byte>& answers);

// Topics by name. A topic, once made, stays where it is.
class Topics {
 public:
  explicit Topics(std::string folder) : folder_(std::move(folder)) {}
  bool create(const std::string& name, int32_t partitions);
  Log* find(std::string_view name, int32_t partition);
  // Gives back what its files hold. False: there is no such topic.
  bool empty(std::string_view name);
  // -1: there is no such topic.
  int32_t partitions_of(std::string_view name);

 private:
  const std::string folder_;
  std::shared_mutex lock_;
  std::map<std::string, std::vector<std::unique_ptr<Log>>, std::less<>> topics_;
};

}  // namespace milena::limit
