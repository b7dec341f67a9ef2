// What a Fetch request means with respect to sessions: which partitions are to be read, and which of them the answer names.
// Thread: the reactor's; the session behind it is shared with other requests that name it.
#pragma once
#include <memory>
#include <vector>

#include "base/kafka_error.h"
#include "plane/fetch_session_cache.h"
#include "wire/fetch_request.h"

namespace milena {

class FetchContext {
 public:
  // Reads the request against the sessions; fills `wishes` with what is to be read. Not none: the whole answer.
  KafkaError open(FetchSessionCache& cache, const FetchRequest& request, bool by_id, int64_t now_ms, std::vector<FetchWish>& wishes);

  // Before the answer is written. Not none: the whole answer; the session was used by another request meanwhile.
  // `session_id` is what the answer names.
  KafkaError begin_answer(FetchSessionCache& cache, int64_t now_ms, size_t partitions, int32_t& session_id);
  // Whether the answer names this partition.
  bool includes(const FetchWish& wish, const SessionResult& result);
  void end_answer();

 private:
  enum class Kind : uint8_t { sessionless, full, incremental };
  KafkaError continue_session(FetchSessionCache& cache, const FetchRequest& request, bool by_id, int64_t now_ms,
                              std::vector<FetchWish>& wishes);

  Kind kind_ = Kind::sessionless;
  std::shared_ptr<FetchSession> session_;
  std::unique_lock<std::mutex> hold_;  // of the session, while the answer is written
  int32_t epoch_ = 0;                  // what the session is at while this request is the last one that used it
  bool by_id_ = false;
  bool privileged_ = false;
};

}  // namespace milena
