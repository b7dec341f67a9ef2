// Writes the records of a batch anew with another codec, as the leader does for compression.type (KIP-780 levels included).
#pragma once
#include <vector>

#include "base/types.h"
#include "wire/batch.h"
#include "wire/codec.h"
#include "wire/record_stream.h"
#include "wire/record_walk.h"

namespace milena {

// Gathers a new batch record by record. Owner: one call of validate_produced.
class BatchRewriter final : public ByteSink {
 public:
  // `size_max`: writing stops silently beyond it, overflowed() tells.
  BatchRewriter(CodecScratch& scratch, Compression codec, const CompressionLevels& levels, size_t size_max);

  void record(const RecordHead& head, uint32_t tail_size);  // then its tail_size bytes through take()
  void take(Bytes bytes) override;
  // The batch, with offsets from 0 and the producer's fields of `source`; LogAppendTime when `append_time_ms` is given.
  std::vector<std::byte> finish(const BatchInfo& source, const int64_t* append_time_ms);

  bool overflowed() const { return overflowed_; }
  bool negative_timestamp() const { return negative_timestamp_; }

 private:
  void flush();

  std::vector<std::byte> out_;
  std::vector<std::byte> staged_;     // small pieces gather here, since calls of a codec are dear
  Compressor* compressor_ = nullptr;  // null when the records go out plain
  Compression codec_;
  size_t size_max_;
  int32_t count_ = 0;
  int64_t base_timestamp_ = no_timestamp;
  int64_t max_timestamp_ = no_timestamp;
  bool overflowed_ = false;
  bool negative_timestamp_ = false;
};

}  // namespace milena
