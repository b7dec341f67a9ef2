// Walks the batches of a segment file from one to the next, headers only or whole. Judges form, not CRC.
//   BatchWalk walk(file, from, end, BatchWalk::Depth::headers); while (walk.next() == BatchWalk::Step::batch) ... walk.info() ...
#pragma once
#include <vector>

#include "os/file.h"
#include "wire/batch.h"

namespace milena {

class BatchWalk {
 public:
  enum class Depth : uint8_t { headers, whole };
  enum class Step : uint8_t {
    batch,   // info(), position() and, with Depth::whole, bytes() tell about it
    end,     // exactly at the end of the range
    bad,     // what lies at position() is no batch, or reaches past the end of the range
    failed,  // status() says why
  };

  // `begin` is where a batch begins, `end` where the walk stops. The file may be shorter. With a `scratch` buffer and Depth::headers
  // nothing is allocated.
  BatchWalk(const File& file, uint64_t begin, uint64_t end, Depth depth, MutableBytes scratch = {}, Patience patience = Patience::waits)
      : file_(file), at_(begin), end_(end), depth_(depth), patience_(patience), scratch_(scratch) {}

  Step next();
  uint64_t position() const { return position_; }
  uint64_t next_position() const { return at_; }
  const BatchInfo& info() const { return info_; }
  Bytes bytes() const { return window_.subspan(position_ - window_begin_, info_.size_bytes); }
  // The batch last stepped on, whatever the depth; reads it if it must.
  Result<Bytes> whole();
  Status status() const { return status_; }

 private:
  // Makes [at, at + size) readable in the window; fewer bytes only where the file ends.
  Result<Bytes> view(uint64_t at, size_t size);

  const File& file_;
  uint64_t at_;
  const uint64_t end_;
  const Depth depth_;
  const Patience patience_;
  const MutableBytes scratch_;
  uint64_t position_ = 0;
  BatchInfo info_;
  Status status_;
  std::vector<std::byte> owned_;
  Bytes window_;  // in scratch_ or owned_
  uint64_t window_begin_ = 0;
};

}  // namespace milena
