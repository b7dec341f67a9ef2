#include "plane/output_queue.h"

#include <array>

namespace milena {

namespace {

constexpr size_t gather_slices_max = 64;         // slices of one sendmsg
constexpr size_t chunk_bytes_max = 64 * 1024;    // small answers share a chunk up to this size
constexpr uint64_t charge_from_bytes = 64 * 1024;  // what waits below this is not worth a lock of the budget

}  // namespace

std::vector<std::byte>& OutputQueue::bytes() {
  if (chunks_.empty() || chunks_.back().file || chunks_.back().bytes.size() >= chunk_bytes_max) chunks_.emplace_back();
  return chunks_.back().bytes;
}

void OutputQueue::file(std::shared_ptr<SegmentFile> file, uint64_t position, uint32_t size) {
  Chunk& chunk = chunks_.emplace_back();
  chunk.file = std::move(file);
  chunk.position = position;
  chunk.size = size;
}

uint64_t OutputQueue::pending_bytes() const {
  uint64_t total = 0;
  for (const Chunk& chunk : chunks_) total += chunk.left();
  return total;
}

IoResult OutputQueue::send_bytes(Transport& to) {
  std::array<iovec, gather_slices_max> slices;
  size_t count = 0;
  bool more = false;
  for (Chunk& chunk : chunks_) {
    if (chunk.file || count == slices.size()) {
      more = true;
      break;
    }
    if (chunk.left() > 0) slices[count++] = {chunk.bytes.data() + chunk.sent, chunk.left()};
  }
  if (count == 0) return {IoState::moved, 0};
  return to.sendv({slices.data(), count}, more);
}

void OutputQueue::pop_sent(size_t sent) {
  counters_.add(abi::Counter::bytes_out, static_cast<int64_t>(sent));
  while (!chunks_.empty()) {
    Chunk& chunk = chunks_.front();
    const size_t taken = std::min(sent, chunk.left());
    chunk.sent += taken;
    sent -= taken;
    if (chunk.left() > 0) return;
    chunks_.pop_front();
  }
}

// Answers that were sent at once are never charged; only what a slow reader leaves here is.
void OutputQueue::charge() {
  uint64_t held = 0;
  for (const Chunk& chunk : chunks_) held += chunk.bytes.capacity();
  if (held < charge_from_bytes) held = 0;
  if (held > charged_) budget_.charge(held - charged_);
  else budget_.discharge(charged_ - held);
  charged_ = held;
}

SendState OutputQueue::send(Transport& to) {
  while (!chunks_.empty()) {
    Chunk& front = chunks_.front();
    IoResult moved{};
    if (front.file) {
      moved = to.send_file(front.file->descriptor(), front.position + front.sent, front.left());
      counters_.add(abi::Counter::sendfile_calls);
      if (moved.state == IoState::moved) counters_.add(abi::Counter::sendfile_bytes, static_cast<int64_t>(moved.bytes));
    } else {
      moved = send_bytes(to);
    }
    if (moved.state == IoState::would_block) {
      charge();
      return SendState::blocked;
    }
    if (moved.state != IoState::moved) return SendState::failed;
    pop_sent(moved.bytes);
  }
  if (charged_ > 0) charge();
  return SendState::drained;
}

}  // namespace milena
