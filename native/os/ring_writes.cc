#include "os/ring_writes.h"

#include <algorithm>
#include <climits>
#include <vector>

namespace milena {

namespace {

uint64_t total_bytes(std::span<const iovec> slices) {
  uint64_t total = 0;
  for (const iovec& slice : slices) total += slice.iov_len;
  return total;
}

// What is behind the first `done` bytes, by the file's own call: it continues short writes and names the error that ended one.
WriteOutcome write_rest(const PendingWrite& write, uint64_t done) {
  std::vector<iovec> rest;
  uint64_t skip = done;
  for (const iovec& slice : write.slices) {
    if (skip < slice.iov_len) rest.push_back({static_cast<std::byte*>(slice.iov_base) + skip, slice.iov_len - skip});
    skip -= std::min<uint64_t>(skip, slice.iov_len);
  }
  WriteOutcome outcome = write.file->write_at(write.position + done, rest);
  outcome.written += done;
  return outcome;
}

WriteOutcome outcome_of(const PendingWrite& write, int32_t result) {
  if (result < 0 && !is_ring_refusal(result)) return {Status::io(-result), 0};
  const uint64_t done = result > 0 ? static_cast<uint64_t>(result) : 0;
  return done == total_bytes(write.slices) ? WriteOutcome{{}, done} : write_rest(write, done);
}

}  // namespace

void RingWrites::run(std::span<PendingWrite> writes) {
  // One alone has nothing to share a call with.
  if (writes.size() == 1) return PlainWrites().run(writes);
  for (size_t i = 0; i < writes.size(); i++) {
    PendingWrite& write = writes[i];
    const int descriptor = write.file->plain_descriptor(FileCall::write);
    if (descriptor < 0) {
      write.outcome = write.file->write_at(write.position, write.slices);
      continue;
    }
    const auto slices = write.slices.first(std::min<size_t>(write.slices.size(), IOV_MAX));
    while (!ring_->add_write(descriptor, write.position, slices, i)) take_ended(writes);
  }
  while (take_ended(writes)) {
  }
}

// False: nothing is under way any more.
bool RingWrites::take_ended(std::span<PendingWrite> writes) {
  const size_t count = ring_->wait(ended_);
  for (size_t i = 0; i < count; i++) {
    PendingWrite& write = writes[ended_[i].tag];
    write.outcome = outcome_of(write, ended_[i].result);
  }
  return count > 0;
}

}  // namespace milena
