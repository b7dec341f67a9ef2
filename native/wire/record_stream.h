// The bytes of a batch's records as a stream: from memory, or from a codec through a fixed window. What is read can be copied to a sink
// on the way, which is how a batch is rewritten without ever being in memory as a whole.
#pragma once
#include "base/types.h"
#include "base/varint.h"
#include "wire/codec.h"

namespace milena {

struct ByteSink {
  virtual ~ByteSink() = default;
  virtual void take(Bytes bytes) = 0;
};

class RecordStream {
 public:
  explicit RecordStream(Bytes memory) : begin_(memory.data()), at_(begin_), end_(memory.data() + memory.size()) {}
  // `source` has been started.
  RecordStream(Decompressor& source, MutableBytes window) : source_(&source), window_(window) {}

  bool failed() const { return failed_; }  // the codec found its input malformed
  uint64_t position() const { return before_ + static_cast<uint64_t>(at_ - begin_); }

  // All false at the end of the stream or when the codec failed.
  bool byte(int8_t& out) {
    if (at_ == end_ && !refill()) return false;
    out = static_cast<int8_t>(*at_++);
    return true;
  }
  VarintRead varint(int32_t& out) { return number(out, read_varint, varint_bytes_max); }
  VarintRead varlong(int64_t& out) { return number(out, read_varlong, varlong_bytes_max); }
  bool skip(uint64_t size);
  bool at_end() { return at_ == end_ && !refill(); }

  // From now on, until stop_copying, everything read goes to `sink` too.
  void start_copying(ByteSink& sink);
  void stop_copying();

 private:
  bool refill();
  void copy_read();

  template <class T, class Read>
  VarintRead number(T& out, Read read, size_t bytes_max) {
    if (static_cast<size_t>(end_ - at_) >= bytes_max) return read(at_, end_, out);
    return number_across(out, read, bytes_max);
  }
  // Near the end of the window: gathers the bytes one by one.
  template <class T, class Read>
  VarintRead number_across(T& out, Read read, size_t bytes_max) {
    std::byte raw[varlong_bytes_max] = {};
    size_t size = 0;
    for (int8_t last = -1; last < 0 && size < bytes_max; size++) {
      if (!byte(last)) return VarintRead::truncated;
      raw[size] = static_cast<std::byte>(last);
    }
    const std::byte* from = raw;
    return read(from, raw + size, out);
  }

  Decompressor* source_ = nullptr;
  MutableBytes window_;
  const std::byte* begin_ = nullptr;  // of the window
  const std::byte* at_ = nullptr;
  const std::byte* end_ = nullptr;
  uint64_t before_ = 0;  // bytes of earlier windows
  ByteSink* sink_ = nullptr;
  const std::byte* copied_ = nullptr;  // what lies before it has gone to the sink
  bool failed_ = false;
};

}  // namespace milena
