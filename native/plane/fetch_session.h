// Incremental fetch sessions (KIP-227): what a client fetches and what it was last told of each partition.
// The session is plain data under its own lock; the cache decides which sessions exist, in the order and by the rules of Apache Kafka.
// Thread: a session by whoever holds its mutex; the cache by any.
#pragma once
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/types.h"
#include "base/uuid.h"

namespace milena {

inline constexpr int32_t initial_fetch_epoch = 0;  // asks for a new session
inline constexpr int32_t final_fetch_epoch = -1;   // wants none
inline constexpr int32_t no_fetch_session = 0;

// The epoch that follows; skips 0, which means "new".
constexpr int32_t next_fetch_epoch(int32_t epoch) {
  if (epoch < 0) return final_fetch_epoch;
  return epoch == INT32_MAX ? 1 : epoch + 1;
}

// What a client asks of one partition.
struct FetchWish {
  std::string topic;  // empty when the request names topics by id
  Uuid topic_id;
  int32_t index = 0;
  int64_t fetch_offset = 0;
  int32_t bytes_max = 0;
  int32_t current_leader_epoch = -1;
  int32_t last_fetched_epoch = -1;
};

struct SessionPartition {
  FetchWish wish;
  // As last sent; what differs makes the partition part of the next answer.
  int64_t high_watermark = -1;
  int64_t log_start = -1;
};

// What an answer says about one partition, as far as sessions care.
struct SessionResult {
  int16_t error = 0;
  int64_t high_watermark = -1;
  int64_t log_start = -1;
  bool has_records = false;
  bool diverges = false;
};

class FetchSession {
 public:
  FetchSession(int32_t session_id, bool by_id, bool privileged_, int64_t created_at_ms)
      : id(session_id), uses_topic_ids(by_id), privileged(privileged_), created_ms(created_at_ms) {}

  const int32_t id;
  const bool uses_topic_ids;
  const bool privileged;  // of a follower
  const int64_t created_ms;
  std::mutex mutex;
  // Guarded by mutex:
  int32_t epoch = 1;  // what the next request must carry

  // Adds the partition, or changes what is wished of it. Keeps its place in the order.
  void wish(const FetchWish& wish);
  void forget(const std::string& topic, const Uuid& topic_id, int32_t index);
  // Whether an incremental answer must name the partition; remembers what it then says. One that gets records goes to the end of the
  // order, so that with too few bytes for all the others get their turn. True for partitions the session does not hold (any more).
  bool update(const FetchWish& wish, const SessionResult& result);
  const std::list<SessionPartition>& partitions() const { return order_; }
  size_t size() const { return order_.size(); }

 private:
  struct Key {
    std::string topic;
    Uuid id;
    int32_t index;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    size_t operator()(const Key& key) const;
  };
  std::list<SessionPartition> order_;
  std::unordered_map<Key, std::list<SessionPartition>::iterator, KeyHash> by_key_;
};

}  // namespace milena
