#include "plane/fetch_context.h"

namespace milena {

namespace {

FetchWish wish_of(const FetchRequest& request, const FetchPartition& part, bool by_id) {
  const FetchTopic& topic = request.topics[part.topic];
  FetchWish wish;
  if (by_id) wish.topic_id = topic.id;
  else wish.topic.assign(topic.name);
  wish.index = part.index;
  wish.fetch_offset = part.fetch_offset;
  wish.bytes_max = part.partition_max_bytes;
  wish.current_leader_epoch = part.current_leader_epoch;
  wish.last_fetched_epoch = part.last_fetched_epoch;
  return wish;
}

}  // namespace

KafkaError FetchContext::open(FetchSessionCache& cache, const FetchRequest& request, bool by_id, int64_t now_ms,
                              std::vector<FetchWish>& wishes) {
  by_id_ = by_id;
  privileged_ = request.replica_id >= 0;
  const bool full = request.session_epoch == initial_fetch_epoch || request.session_epoch == final_fetch_epoch;
  if (!full) return continue_session(cache, request, by_id, now_ms, wishes);
  if (request.session_id != no_fetch_session) cache.remove(request.session_id);
  kind_ = request.session_epoch == final_fetch_epoch ? Kind::sessionless : Kind::full;
  wishes.reserve(request.partitions.size());
  for (const FetchPartition& part : request.partitions) wishes.push_back(wish_of(request, part, by_id));
  return KafkaError::none;
}

KafkaError FetchContext::continue_session(FetchSessionCache& cache, const FetchRequest& request, bool by_id, int64_t now_ms,
                                          std::vector<FetchWish>& wishes) {
  std::shared_ptr<FetchSession> session = cache.find(request.session_id);
  if (!session) return KafkaError::fetch_session_id_not_found;
  const std::lock_guard hold(session->mutex);
  if (session->epoch != request.session_epoch) return KafkaError::invalid_fetch_session_epoch;
  if (session->uses_topic_ids != by_id) return KafkaError::fetch_session_topic_id_error;
  for (const FetchPartition& part : request.partitions) session->wish(wish_of(request, part, by_id));
  for (const FetchTopic& topic : request.forgotten_topics) {
    const std::string name = by_id ? std::string() : std::string(topic.name);
    for (uint32_t at = topic.partitions_begin; at < topic.partitions_end; at++)
      session->forget(name, by_id ? topic.id : Uuid{}, request.forgotten_partitions[at]);
  }
  if (session->size() == 0) {
    // Nothing is left to be incremental about.
    cache.remove(session->id);
    kind_ = Kind::sessionless;
    return KafkaError::none;
  }
  session->epoch = epoch_ = next_fetch_epoch(session->epoch);
  cache.touch(*session, now_ms, session->size());
  wishes.reserve(session->size());
  for (const SessionPartition& partition : session->partitions()) wishes.push_back(partition.wish);
  kind_ = Kind::incremental;
  session_ = std::move(session);
  return KafkaError::none;
}

KafkaError FetchContext::begin_answer(FetchSessionCache& cache, int64_t now_ms, size_t partitions, int32_t& session_id) {
  session_id = no_fetch_session;
  if (kind_ == Kind::full) session_ = cache.create(now_ms, privileged_, partitions, by_id_);
  if (!session_) return KafkaError::none;
  hold_ = std::unique_lock(session_->mutex);
  if (kind_ == Kind::incremental && session_->epoch != epoch_) {
    hold_.unlock();
    return KafkaError::invalid_fetch_session_epoch;
  }
  session_id = session_->id;
  return KafkaError::none;
}

bool FetchContext::includes(const FetchWish& wish, const SessionResult& result) {
  if (!session_) return true;
  if (kind_ == Kind::full) session_->wish(wish);
  const bool changed = session_->update(wish, result);
  return kind_ == Kind::full || changed;
}

void FetchContext::end_answer() {
  if (hold_.owns_lock()) hold_.unlock();
}

}  // namespace milena
