// The codecs of record batches, streaming in both directions: a compressed bomb costs only what is walked.
// Owner: one CodecScratch per thread, reused from batch to batch; not thread-safe.
#pragma once
#include <memory>
#include <vector>

#include "base/status.h"
#include "base/types.h"
#include "wire/compression.h"

namespace milena {

// Takes compressed bytes apart, some at a time.
class Decompressor {
 public:
  virtual ~Decompressor() = default;
  // Begins with a payload, which must stay valid until the last read().
  virtual void start(Bytes compressed) = 0;
  // Fills the front of `into` (never empty) and returns how much; 0 at the end. corrupt: not what the format says.
  virtual Result<size_t> read(MutableBytes into) = 0;
};

// Puts bytes together, appending to `out`.
class Compressor {
 public:
  virtual ~Compressor() = default;
  virtual void start(int32_t level, std::vector<std::byte>& out) = 0;
  virtual void write(Bytes plain) = 0;
  virtual void finish() = 0;
};

// Everything a thread needs to walk and rebuild batches; codecs and buffers are made on first use and kept.
class CodecScratch {
 public:
  CodecScratch();
  ~CodecScratch();
  CodecScratch(const CodecScratch&) = delete;
  CodecScratch& operator=(const CodecScratch&) = delete;

  // Neither accepts Compression::none.
  Decompressor& decompressor(Compression codec);
  Compressor& compressor(Compression codec);
  // A fixed window for walking decompressed records.
  MutableBytes window();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace milena
