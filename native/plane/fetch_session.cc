#include "plane/fetch_session.h"

namespace milena {

size_t FetchSession::KeyHash::operator()(const Key& key) const {
  const size_t topic = key.topic.empty() ? UuidHash{}(key.id) : std::hash<std::string>{}(key.topic);
  return topic * 31 + static_cast<size_t>(key.index);
}

void FetchSession::wish(const FetchWish& wish) {
  const auto found = by_key_.find(Key{wish.topic, wish.topic_id, wish.index});
  if (found != by_key_.end()) {
    found->second->wish = wish;
    return;
  }
  order_.push_back({.wish = wish});
  by_key_.emplace(Key{wish.topic, wish.topic_id, wish.index}, std::prev(order_.end()));
}

void FetchSession::forget(const std::string& topic, const Uuid& topic_id, int32_t index) {
  const auto found = by_key_.find(Key{topic, topic_id, index});
  if (found == by_key_.end()) return;
  order_.erase(found->second);
  by_key_.erase(found);
}

bool FetchSession::update(const FetchWish& wish, const SessionResult& result) {
  const auto found = by_key_.find(Key{wish.topic, wish.topic_id, wish.index});
  if (found == by_key_.end()) return true;
  SessionPartition& known = *found->second;
  bool changed = result.has_records || result.diverges;
  if (known.high_watermark != result.high_watermark) {
    changed = true;
    known.high_watermark = result.high_watermark;
  }
  if (known.log_start != result.log_start) {
    changed = true;
    known.log_start = result.log_start;
  }
  if (result.error != 0) {
    // Named again in the next answer too, whatever it says: the client must see the error go away.
    changed = true;
    known.high_watermark = -1;
  }
  if (result.has_records) order_.splice(order_.end(), order_, found->second);
  return changed;
}

}  // namespace milena
