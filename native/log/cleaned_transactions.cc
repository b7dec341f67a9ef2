#include "log/cleaned_transactions.h"

#include <algorithm>

#include "wire/marker.h"

namespace milena {

CleanedTransactions::CleanedTransactions(std::vector<AbortedEntry> aborted) : waiting_(std::move(aborted)) {
  std::sort(waiting_.begin(), waiting_.end(), [](const AbortedEntry& a, const AbortedEntry& b) { return a.first_offset > b.first_offset; });
}

// What ended before the batch, where the walk did not see it, has nothing to say about it.
void CleanedTransactions::begin_up_to(const BatchInfo& batch) {
  for (; !waiting_.empty() && waiting_.back().first_offset <= batch.last_offset(); waiting_.pop_back()) {
    if (waiting_.back().last_offset < batch.base_offset) continue;
    aborted_.try_emplace(waiting_.back().producer_id, Ongoing{waiting_.back(), false});
  }
}

bool CleanedTransactions::aborted(const BatchInfo& batch) {
  begin_up_to(batch);
  if (!batch.transactional()) return false;
  const auto found = aborted_.find(batch.producer_id);
  if (found == aborted_.end()) {
    committed_.insert(batch.producer_id);
    return false;
  }
  found->second.seen = true;
  return true;
}

bool CleanedTransactions::marker_is_spent(const BatchInfo& batch, Bytes bytes, std::vector<AbortedEntry>& kept) {
  begin_up_to(batch);
  if (batch.count == 0) return true;  // its record went in an earlier pass
  const auto marker = parse_transaction_marker(batch, bytes);
  if (!marker) return false;
  if (!marker->abort) return committed_.erase(batch.producer_id) == 0;
  const auto found = aborted_.find(batch.producer_id);
  if (found == aborted_.end()) return true;
  const Ongoing ended = found->second;
  aborted_.erase(found);
  if (ended.seen) kept.push_back(ended.entry);
  return !ended.seen;
}

}  // namespace milena
