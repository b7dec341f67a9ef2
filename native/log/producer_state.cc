#include "log/producer_state.h"

#include <algorithm>

#include "wire/marker.h"

namespace milena {
namespace {

bool follows(int32_t last_sequence, int32_t next_sequence) {
  return static_cast<int64_t>(last_sequence) + 1 == next_sequence || (next_sequence == 0 && last_sequence == INT32_MAX);
}

// Epoch and sequence of a client's batch against what is known of its producer.
KafkaError check_sequence(const ProducerEntry& entry, const BatchInfo& info, AppendOrigin origin) {
  if (info.producer_epoch < entry.epoch) return KafkaError::invalid_producer_epoch;
  if (origin != AppendOrigin::client) return KafkaError::none;
  // Nothing known, perhaps because retention has taken all its records: any sequence may be the first.
  if (entry.epoch == no_producer_epoch) return KafkaError::none;
  if (info.producer_epoch != entry.epoch) return info.base_sequence == 0 ? KafkaError::none : KafkaError::out_of_order_sequence_number;
  return follows(entry.last_sequence(), info.base_sequence) ? KafkaError::none : KafkaError::out_of_order_sequence_number;
}

const ProducerBatch* find_duplicate(const ProducerEntry& entry, const BatchInfo& info) {
  if (entry.epoch != info.producer_epoch) return nullptr;
  for (size_t i = 0; i < entry.batch_count; i++) {
    const ProducerBatch& batch = entry.batches[i];
    if (batch.last_sequence == info.last_sequence() && batch.first_sequence() == info.base_sequence) return &batch;
  }
  return nullptr;
}

}  // namespace

int32_t ProducerBatch::first_sequence() const {
  if (last_sequence == no_sequence) return no_sequence;
  if (last_sequence >= offset_delta) return last_sequence - offset_delta;
  return static_cast<int32_t>(static_cast<int64_t>(INT32_MAX) - (offset_delta - last_sequence) + 1);
}

void ProducerEntry::set_epoch(int16_t next) {
  if (epoch == next) return;
  epoch = next;
  batch_count = 0;
}

void ProducerEntry::add(const ProducerBatch& batch) {
  if (batch_count == producer_batches_remembered) {
    std::move(batches.begin() + 1, batches.end(), batches.begin());
    batch_count--;
  }
  batches[batch_count++] = batch;
  last_timestamp_ms = batch.timestamp_ms;
}

ProducerEntry& ProducerState::staged_entry(int64_t producer_id, Slot& slot) {
  if (slot.staged < 0) {
    slot.staged = static_cast<int32_t>(staged_.size());
    staged_.push_back({producer_id, slot.entry});
  }
  return staged_[static_cast<size_t>(slot.staged)].entry;
}

ProducerVerdict ProducerState::stage(const BatchInfo& info, Bytes batch, AppendOrigin origin, Offset base, bool replaying) {
  if (!info.has_producer_id()) return {};
  const std::lock_guard lock(mutex_);
  const auto [at, inserted] = slots_.try_emplace(info.producer_id);
  Slot& slot = at->second;
  ProducerVerdict verdict;
  if (info.control()) {
    verdict.error = stage_marker(slot, info, batch, base, replaying);
  } else {
    const ProducerBatch* duplicate = replaying || origin != AppendOrigin::client ? nullptr : find_duplicate(current(slot), info);
    if (duplicate != nullptr) verdict.duplicate = *duplicate;
    else verdict.error = stage_data(slot, info, origin, base, replaying);
  }
  if (inserted && slot.staged < 0) slots_.erase(at);
  return verdict;
}

KafkaError ProducerState::stage_data(Slot& slot, const BatchInfo& info, AppendOrigin origin, Offset base, bool replaying) {
  if (!replaying) {
    if (const KafkaError error = check_sequence(current(slot), info, origin); error != KafkaError::none) return error;
    if (current(slot).transaction_start >= 0 && !info.transactional()) return KafkaError::invalid_txn_state;
  }
  ProducerEntry& entry = staged_entry(info.producer_id, slot);
  entry.set_epoch(info.producer_epoch);
  entry.add({info.last_sequence(), info.last_offset_delta, base.value + info.last_offset_delta, info.max_timestamp});
  if (info.transactional() && entry.transaction_start < 0) {
    entry.transaction_start = base.value;
    staged_events_.push_back({true, {info.producer_id, base.value, -1, false, -1}});
  }
  return KafkaError::none;
}

KafkaError ProducerState::stage_marker(Slot& slot, const BatchInfo& info, Bytes batch, Offset base, bool replaying) {
  const auto marker = parse_transaction_marker(info, batch);
  // A marker whose record compaction has removed ends nothing any more.
  if (!marker) return replaying ? KafkaError::none : KafkaError::invalid_record;
  if (!replaying) {
    if (info.producer_epoch < current(slot).epoch) return KafkaError::invalid_producer_epoch;
    if (current(slot).coordinator_epoch > marker->coordinator_epoch) return KafkaError::transaction_coordinator_fenced;
  }
  ProducerEntry& entry = staged_entry(info.producer_id, slot);
  if (entry.transaction_start >= 0) {
    staged_events_.push_back({false, {info.producer_id, entry.transaction_start, base.value, marker->abort, -1}});
  }
  entry.set_epoch(info.producer_epoch);
  entry.coordinator_epoch = marker->coordinator_epoch;
  entry.last_timestamp_ms = marker->timestamp_ms;
  entry.transaction_start = -1;
  return KafkaError::none;
}

std::vector<CompletedTransaction> ProducerState::commit() {
  if (staged_.empty()) return {};
  const std::lock_guard lock(mutex_);
  for (Staged& staged : staged_) {
    Slot& slot = slots_[staged.producer_id];
    slot.entry = staged.entry;
    slot.known = true;
    slot.staged = -1;
  }
  staged_.clear();
  std::vector<CompletedTransaction> completed;
  for (TransactionEvent& event : staged_events_) {
    if (event.began) {
      open_[event.transaction.first_offset] = event.transaction.producer_id;
    } else {
      complete(event.transaction);
      completed.push_back(event.transaction);
    }
  }
  if (!staged_events_.empty()) has_transactions_.store(!open_.empty() || !completed_.empty(), std::memory_order_release);
  staged_events_.clear();
  return completed;
}

void ProducerState::complete(CompletedTransaction& transaction) {
  transaction.last_stable_offset = transaction.last_offset + 1;
  for (const auto& [first_offset, producer_id] : open_) {
    if (producer_id == transaction.producer_id) continue;
    transaction.last_stable_offset = first_offset;
    break;
  }
  open_.erase(transaction.first_offset);
  completed_[transaction.first_offset] = transaction.last_offset;
}

void ProducerState::rollback() {
  const std::lock_guard lock(mutex_);
  for (const Staged& staged : staged_) {
    const auto at = slots_.find(staged.producer_id);
    if (at->second.known) at->second.staged = -1;
    else slots_.erase(at);
  }
  staged_.clear();
  staged_events_.clear();
}

void ProducerState::expire(int64_t now_ms, int64_t expiration_ms) {
  const std::lock_guard lock(mutex_);
  std::erase_if(slots_, [&](const auto& slot) {
    return slot.second.staged < 0 && slot.second.entry.transaction_start < 0 && now_ms - slot.second.entry.last_timestamp_ms >= expiration_ms;
  });
}

void ProducerState::clear() {
  const std::lock_guard lock(mutex_);
  slots_.clear();
  staged_.clear();
  staged_events_.clear();
  open_.clear();
  completed_.clear();
  has_transactions_.store(false, std::memory_order_release);
}

void ProducerState::load(int64_t producer_id, const ProducerEntry& entry) {
  const std::lock_guard lock(mutex_);
  slots_[producer_id] = {entry, true, -1};
  if (entry.transaction_start < 0) return;
  open_[entry.transaction_start] = producer_id;
  has_transactions_.store(true, std::memory_order_release);
}

size_t ProducerState::size() const {
  const std::lock_guard lock(mutex_);
  return slots_.size();
}

std::optional<Offset> ProducerState::first_unstable(Offset high_watermark) {
  if (!has_transactions_.load(std::memory_order_acquire)) return std::nullopt;
  const std::lock_guard lock(mutex_);
  std::erase_if(completed_, [&](const auto& transaction) { return transaction.second < high_watermark.value; });
  has_transactions_.store(!open_.empty() || !completed_.empty(), std::memory_order_release);
  std::optional<Offset> first;
  if (!open_.empty()) first = Offset{open_.begin()->first};
  if (!completed_.empty() && (!first || completed_.begin()->first < first->value)) first = Offset{completed_.begin()->first};
  return first;
}

std::vector<ProducerView> ProducerState::views() const {
  const std::lock_guard lock(mutex_);
  std::vector<ProducerView> views;
  for (const auto& [producer_id, slot] : slots_) {
    if (!slot.known) continue;
    views.push_back({ProducerId{producer_id}, slot.entry.epoch, slot.entry.last_sequence(), slot.entry.last_timestamp_ms,
                     slot.entry.coordinator_epoch, Offset{slot.entry.transaction_start}});
  }
  return views;
}

std::vector<std::pair<int64_t, ProducerEntry>> ProducerState::entries() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<int64_t, ProducerEntry>> entries;
  for (const auto& [producer_id, slot] : slots_) {
    if (slot.known) entries.emplace_back(producer_id, slot.entry);
  }
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return entries;
}

}  // namespace milena
