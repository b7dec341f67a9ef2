// The one record of a control batch that ends a transaction (KIP-98): key i16 version, i16 type; value i16 version, i32 coordinator epoch.
#pragma once
#include <optional>

#include "wire/batch.h"

namespace milena {

struct TransactionMarker {
  bool abort = false;
  int32_t coordinator_epoch = -1;
  int64_t timestamp_ms = no_timestamp;
};

// Nullopt for every other control batch, and for one whose record compaction has removed. `batch` is exactly one whole batch.
std::optional<TransactionMarker> parse_transaction_marker(const BatchInfo& info, Bytes batch);

}  // namespace milena
