// What compaction makes of one batch: nothing, itself, or a smaller one with the same offsets, codec and producer (KIP-98, KIP-534).
// Records are streamed twice, once to judge and once to copy: a batch needs no more memory than one bit a record and the codec's windows.
// Owner: one pass of a cleaner; not thread-safe.
#pragma once
#include <functional>
#include <vector>

#include "log/cleaned_transactions.h"
#include "log/latest_offsets.h"
#include "wire/batch.h"
#include "wire/codec.h"

namespace milena {

// The last thing a producer has written, which stays, if only as an empty batch: its sequence and epoch are in it.
struct LastOfProducer {
  int64_t producer_id = -1;
  int16_t epoch = -1;
  int64_t last_data_offset = -1;  // -1: only markers are known of it
};

struct CleaningRules {
  int64_t now_ms = 0;
  int64_t delete_retention_ms = 0;  // delete.retention.ms
  Offset latest;                    // records up to here are in the map; those above stay
  Offset upper;                     // of the whole pass: the batch that ends here stays, so that offsets go on from it
};

// Takes the key of every record of a batch, in order; false stops the walk.
struct KeyVisitor {
  virtual ~KeyVisitor() = default;
  // `key` is null for a record without one.
  virtual bool visit(int64_t offset, const Digest128* key, bool has_value) = 0;
};

// Errc::corrupt: the records are not what the header says, or the codec fails. `batch` is exactly one whole batch.
Status visit_keys(Bytes batch, const BatchInfo& info, const Digest128& secret, CodecScratch& scratch, KeyVisitor& visitor);

class BatchCleaner {
 public:
  // `producers` by producer id. Everything outlives this.
  BatchCleaner(const CleaningRules& rules, const LatestOffsets& latest, const std::vector<LastOfProducer>& producers, CleanedTransactions& transactions)
      : rules_(rules), latest_(latest), producers_(producers), transactions_(transactions) {}

  struct Kept {
    Bytes bytes;        // empty: nothing stays. Points into the source or into this; valid until the next call
    BatchInfo info;     // header of the bytes
    int32_t removed = 0;  // records that went
  };
  // `kept` gets index entries of aborted transactions whose marker stays.
  Result<Kept> clean(Bytes batch, const BatchInfo& info, std::vector<AbortedEntry>& aborted);

 private:
  bool last_of_producer(const BatchInfo& info) const;
  Result<Kept> rewrite(Bytes batch, const BatchInfo& info, int64_t delete_horizon_ms);
  Kept empty(const BatchInfo& info);

  const CleaningRules& rules_;
  const LatestOffsets& latest_;
  const std::vector<LastOfProducer>& producers_;
  CleanedTransactions& transactions_;
  CodecScratch scratch_;
  std::vector<bool> stays_;
  std::vector<std::byte> out_;
};

}  // namespace milena
