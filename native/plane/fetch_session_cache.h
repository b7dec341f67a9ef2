// Which fetch sessions exist (max.incremental.fetch.session.cache.slots). Rules of Apache Kafka: a full cache makes room for a new session
// by evicting one unused for two minutes, or one that is smaller and had its two minutes (a follower's may evict any client's).
// Owner: DataPlane. Thread: any.
#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <tuple>
#include <unordered_map>

#include "plane/counters.h"
#include "plane/fetch_session.h"

namespace milena {

inline constexpr int64_t session_eviction_ms = 120'000;  // a session may not be evicted by clients' before this age

class FetchSessionCache {
 public:
  // `seed`: chance for session ids.
  FetchSessionCache(size_t slots, uint64_t seed, Counters& counters) : slots_(slots), chance_(seed), counters_(counters) {}

  std::shared_ptr<FetchSession> find(int32_t id) const;
  // Null: the cache is full and nothing may go. `size`: partitions the session is to hold; they are added by the caller.
  std::shared_ptr<FetchSession> create(int64_t now_ms, bool privileged, size_t size, bool uses_topic_ids);
  void remove(int32_t id);
  // The session was used at `now_ms` and holds `size` partitions.
  void touch(const FetchSession& session, int64_t now_ms, size_t size);
  size_t size() const;

 private:
  using UseOrder = std::set<std::pair<int64_t, int32_t>>;                  // (last used, id)
  using SizeOrder = std::set<std::tuple<bool, size_t, int32_t>>;           // (privileged, size, id): least valuable first
  struct Entry {
    std::shared_ptr<FetchSession> session;
    int64_t used_ms = 0;
    size_t size = 0;
  };
  void index(const Entry& entry, int64_t now_ms);
  void unindex(const Entry& entry);
  void erase(int32_t id);
  bool evict(bool privileged, size_t size, int64_t now_ms);
  int32_t fresh_id();

  const size_t slots_;
  mutable std::mutex mutex_;
  // Guarded by mutex_:
  std::mt19937_64 chance_;
  std::unordered_map<int32_t, Entry> sessions_;
  UseOrder by_use_;
  SizeOrder evictable_by_all_;
  SizeOrder evictable_by_privileged_;
  Counters& counters_;
};

}  // namespace milena
