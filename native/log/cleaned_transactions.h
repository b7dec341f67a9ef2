// Follows transactions while the cleaner reads a log from its start: which batches are aborted, and which markers nothing needs any more.
// A marker goes once no batch of its transaction is left (KIP-98, KIP-534). Owner: one pass over one log.
#pragma once
#include <map>
#include <set>
#include <vector>

#include "base/types.h"
#include "log/transaction_index.h"
#include "wire/batch.h"

namespace milena {

class CleanedTransactions {
 public:
  // `aborted`: the entries of the log's transaction indexes, in any order.
  explicit CleanedTransactions(std::vector<AbortedEntry> aborted);

  // A batch of records; true: it belongs to an aborted transaction.
  bool aborted(const BatchInfo& batch);
  // A control batch with its bytes; true: it may go. `kept` gets the index entry of an aborted transaction whose marker stays.
  bool marker_is_spent(const BatchInfo& batch, Bytes bytes, std::vector<AbortedEntry>& kept);

 private:
  void begin_up_to(const BatchInfo& batch);

  struct Ongoing {
    AbortedEntry entry;
    bool seen = false;  // a batch of it is still there
  };
  std::vector<AbortedEntry> waiting_;  // by first offset, the next one last
  std::map<int64_t, Ongoing> aborted_;  // by producer id
  std::set<int64_t> committed_;         // producers of which batches were seen since their last marker
};

}  // namespace milena
