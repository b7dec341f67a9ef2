// What one connection has yet to send: encoded bytes and ranges of segment files, in order.
// Owner: Connection. Thread: its reactor's.
#pragma once
#include <deque>
#include <memory>
#include <vector>

#include "log/segment_file.h"
#include "plane/counters.h"
#include "plane/memory_budget.h"
#include "plane/transport.h"

namespace milena {

enum class SendState : uint8_t { drained, blocked, failed };

class OutputQueue {
 public:
  OutputQueue(MemoryBudget& budget, Counters& counters) : budget_(budget), counters_(counters) {}
  ~OutputQueue() { budget_.discharge(charged_); }
  OutputQueue(const OutputQueue&) = delete;
  OutputQueue& operator=(const OutputQueue&) = delete;

  // Where to append encoded bytes. Valid until the next call of anything else here.
  std::vector<std::byte>& bytes();
  // A range of a file; `file` is held until it is sent.
  void file(std::shared_ptr<SegmentFile> file, uint64_t position, uint32_t size);

  bool empty() const { return chunks_.empty() || (chunks_.size() == 1 && chunks_.front().left() == 0); }
  // Bytes that wait here, files included.
  uint64_t pending_bytes() const;
  // Sends as much as the socket takes.
  SendState send(Transport& to);

 private:
  struct Chunk {
    std::vector<std::byte> bytes;
    std::shared_ptr<SegmentFile> file;
    uint64_t position = 0;
    size_t size = 0;  // of the file range
    size_t sent = 0;
    size_t left() const { return (file ? size : bytes.size()) - sent; }
  };
  IoResult send_bytes(Transport& to);
  void charge();
  void pop_sent(size_t sent);

  MemoryBudget& budget_;
  Counters& counters_;
  std::deque<Chunk> chunks_;
  uint64_t charged_ = 0;  // memory of the chunks, as the budget was told
};

}  // namespace milena
