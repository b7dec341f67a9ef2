// What a partition knows of its idempotent and transactional producers (KIP-98): the last batches of each, open transactions, and which
// completed ones are not yet below the high watermark. Changes are staged batch by batch and taken over or dropped together, because the
// write they belong to may fail.
// Thread: one writer; snapshot functions marked so from any thread. The lock is never held over a file call.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "log/log_types.h"

namespace milena {

inline constexpr size_t producer_batches_remembered = 5;

// One remembered batch; its first sequence and offset follow from the delta.
struct ProducerBatch {
  int32_t last_sequence = no_sequence;
  int32_t offset_delta = 0;
  int64_t last_offset = -1;
  int64_t timestamp_ms = no_timestamp;
  int32_t first_sequence() const;
  Offset first_offset() const { return {last_offset - offset_delta}; }
};

struct ProducerEntry {
  int16_t epoch = no_producer_epoch;
  uint8_t batch_count = 0;
  int32_t coordinator_epoch = -1;
  int64_t last_timestamp_ms = no_timestamp;
  int64_t transaction_start = -1;  // offset; -1: none open
  std::array<ProducerBatch, producer_batches_remembered> batches;

  const ProducerBatch* last() const { return batch_count == 0 ? nullptr : &batches[batch_count - 1u]; }
  int32_t last_sequence() const { return batch_count == 0 ? no_sequence : last()->last_sequence; }
  void set_epoch(int16_t next);
  void add(const ProducerBatch& batch);
};

// A transaction that has ended by a marker.
struct CompletedTransaction {
  int64_t producer_id = no_producer_id;
  int64_t first_offset = -1;
  int64_t last_offset = -1;  // of the marker
  bool aborted = false;
  int64_t last_stable_offset = -1;  // set by commit(): what the abort index says
};

// What becomes of a batch.
struct ProducerVerdict {
  KafkaError error = KafkaError::none;
  std::optional<ProducerBatch> duplicate;  // stored before, as this one
};

class ProducerState {
 public:
  // --- writer ---
  // Judges a batch against what is known and staged, and stages its effect. `base` is the offset it would get. `replaying` is set for
  // batches already in the log: they are taken as they are.
  ProducerVerdict stage(const BatchInfo& info, Bytes batch, AppendOrigin origin, Offset base, bool replaying);
  // The staged batches are in the log. Returns transactions they ended.
  std::vector<CompletedTransaction> commit();
  void rollback();
  void expire(int64_t now_ms, int64_t expiration_ms);
  void clear();
  // Adds what a snapshot says about one producer.
  void load(int64_t producer_id, const ProducerEntry& entry);

  // --- any thread ---
  size_t size() const;
  // First offset of an open transaction, or of a completed one whose marker is at or above `high_watermark`; nullopt: none.
  // Forgets the completed ones below it.
  std::optional<Offset> first_unstable(Offset high_watermark);
  std::vector<ProducerView> views() const;
  std::vector<std::pair<int64_t, ProducerEntry>> entries() const;

 private:
  struct Slot {
    ProducerEntry entry;
    bool known = false;  // `entry` holds something
    int32_t staged = -1;
  };
  struct Staged {
    int64_t producer_id;
    ProducerEntry entry;
  };
  // What staging did to the transactions, in order: one began (at first_offset), or one ended.
  struct TransactionEvent {
    bool began = false;
    CompletedTransaction transaction;
  };
  const ProducerEntry& current(const Slot& slot) const { return slot.staged >= 0 ? staged_[static_cast<size_t>(slot.staged)].entry : slot.entry; }
  ProducerEntry& staged_entry(int64_t producer_id, Slot& slot);
  KafkaError stage_data(Slot& slot, const BatchInfo& info, AppendOrigin origin, Offset base, bool replaying);
  KafkaError stage_marker(Slot& slot, const BatchInfo& info, Bytes batch, Offset base, bool replaying);
  void complete(CompletedTransaction& transaction);

  mutable std::mutex mutex_;
  std::unordered_map<int64_t, Slot> slots_;
  std::vector<Staged> staged_;
  std::vector<TransactionEvent> staged_events_;
  std::map<int64_t, int64_t> open_;                          // first offset -> producer id
  std::map<int64_t, int64_t> completed_;                     // first offset -> marker offset, not yet below the high watermark
  std::atomic<bool> has_transactions_{false};                // open_ or completed_ is not empty
};

}  // namespace milena
