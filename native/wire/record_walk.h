// Walks the records of a whole batch, compressed or not, through a window of fixed size. Used where keys and values do not matter:
// validation, lookup by timestamp, counting.
#pragma once
#include "base/status.h"
#include "base/types.h"
#include "wire/batch.h"
#include "wire/codec.h"

namespace milena {

struct RecordHead {
  int32_t index = 0;  // position in the batch, from 0
  int8_t attributes = 0;
  int64_t timestamp = no_timestamp;  // of the record; the batch's max_timestamp when the batch has LogAppendTime
  int32_t offset_delta = 0;
  int32_t key_size = -1;    // -1: null
  int32_t value_size = -1;  // -1: null
};

struct RecordVisitor {
  virtual ~RecordVisitor() = default;
  virtual bool visit(const RecordHead& record) = 0;  // false: stop here
};

// Why a walk ended. Kafka answers `structure` with INVALID_RECORD and `unreadable` (a codec that fails, an endless length) with
// UNKNOWN_SERVER_ERROR.
enum class WalkEnd : uint8_t { complete, stopped, structure, unreadable };

// `batch` is exactly one whole batch and `info` its header, with a known codec. Visits at most info.count records; `complete` means that
// there were exactly as many. Like Kafka, the length that precedes a record is only held against its fields in an uncompressed batch.
WalkEnd walk_records(Bytes batch, const BatchInfo& info, CodecScratch& scratch, RecordVisitor& visitor);

}  // namespace milena
