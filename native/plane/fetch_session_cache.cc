#include "plane/fetch_session_cache.h"

namespace milena {

std::shared_ptr<FetchSession> FetchSessionCache::find(int32_t id) const {
  const std::lock_guard hold(mutex_);
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : found->second.session;
}

void FetchSessionCache::index(const Entry& entry, int64_t now_ms) {
  const FetchSession& session = *entry.session;
  by_use_.emplace(entry.used_ms, session.id);
  const bool aged = now_ms - session.created_ms > session_eviction_ms;
  if (!session.privileged || aged) evictable_by_privileged_.emplace(session.privileged, entry.size, session.id);
  if (aged) evictable_by_all_.emplace(session.privileged, entry.size, session.id);
}

void FetchSessionCache::unindex(const Entry& entry) {
  const FetchSession& session = *entry.session;
  by_use_.erase({entry.used_ms, session.id});
  evictable_by_privileged_.erase({session.privileged, entry.size, session.id});
  evictable_by_all_.erase({session.privileged, entry.size, session.id});
}

void FetchSessionCache::erase(int32_t id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  unindex(found->second);
  sessions_.erase(found);
  counters_.subtract(abi::Counter::fetch_sessions_now);
}

void FetchSessionCache::remove(int32_t id) {
  const std::lock_guard hold(mutex_);
  erase(id);
}

void FetchSessionCache::touch(const FetchSession& session, int64_t now_ms, size_t size) {
  const std::lock_guard hold(mutex_);
  const auto found = sessions_.find(session.id);
  if (found == sessions_.end()) return;
  unindex(found->second);
  found->second.used_ms = now_ms;
  found->second.size = size;
  index(found->second, now_ms);
}

bool FetchSessionCache::evict(bool privileged, size_t size, int64_t now_ms) {
  if (by_use_.empty()) return false;
  const auto [used_ms, oldest] = *by_use_.begin();
  if (now_ms - used_ms > session_eviction_ms) {
    erase(oldest);
  } else {
    const SizeOrder& candidates = privileged ? evictable_by_privileged_ : evictable_by_all_;
    if (candidates.empty()) return false;
    const auto [candidate_privileged, candidate_size, id] = *candidates.begin();
    if (std::tie(privileged, size) < std::tie(candidate_privileged, candidate_size)) return false;
    if (privileged == candidate_privileged && size == candidate_size) return false;
    erase(id);
  }
  counters_.add(abi::Counter::fetch_sessions_evicted);
  return true;
}

int32_t FetchSessionCache::fresh_id() {
  for (;;) {
    const auto id = static_cast<int32_t>(chance_() & INT32_MAX);
    if (id != no_fetch_session && !sessions_.contains(id)) return id;
  }
}

std::shared_ptr<FetchSession> FetchSessionCache::create(int64_t now_ms, bool privileged, size_t size, bool uses_topic_ids) {
  const std::lock_guard hold(mutex_);
  if (sessions_.size() >= slots_ && !evict(privileged, size, now_ms)) return nullptr;
  auto session = std::make_shared<FetchSession>(fresh_id(), uses_topic_ids, privileged, now_ms);
  const Entry entry{session, now_ms, size};
  index(entry, now_ms);
  sessions_.emplace(session->id, entry);
  counters_.add(abi::Counter::fetch_sessions_now);
  counters_.add(abi::Counter::fetch_sessions_created);
  return session;
}

size_t FetchSessionCache::size() const {
  const std::lock_guard hold(mutex_);
  return sessions_.size();
}

}  // namespace milena
