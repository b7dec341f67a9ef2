// Incremental fetch sessions: what they remember and when they go (KIP-227).
#include "plane/fetch_context.h"
#include "plane/fetch_session_cache.h"
#include "test/check.h"

using namespace milena;
using namespace milena::test;

namespace {

FetchWish wish(const std::string& topic, int64_t offset = 0) {
  FetchWish made;
  made.topic = topic;
  made.fetch_offset = offset;
  return made;
}

std::vector<std::string> order_of(const FetchSession& session) {
  std::vector<std::string> names;
  for (const SessionPartition& partition : session.partitions()) names.push_back(partition.wish.topic);
  return names;
}

void names_what_changed() {
  FetchSession session(5, false, false, 0);
  session.wish(wish("a"));
  session.wish(wish("b"));
  const SessionResult fresh{.high_watermark = 3, .log_start = 0};
  CHECK(session.update(wish("a"), fresh));
  CHECK(!session.update(wish("a"), fresh));
  CHECK(session.update(wish("a"), {.high_watermark = 4, .log_start = 0}));
  CHECK(session.update(wish("a"), {.high_watermark = 4, .log_start = 1}));
  CHECK(!session.update(wish("a"), {.high_watermark = 4, .log_start = 1}));
  CHECK(session.update(wish("a"), {.high_watermark = 4, .log_start = 1, .diverges = true}));
  // An error is named each time, and so is the partition when it is over.
  const SessionResult failing{.error = 6};
  CHECK(session.update(wish("b"), failing));
  CHECK(session.update(wish("b"), failing));
  CHECK(session.update(wish("b"), {.high_watermark = 4, .log_start = 0}));
}

void who_got_records_goes_to_the_end() {
  FetchSession session(5, false, false, 0);
  for (const char* name : {"a", "b", "c"}) session.wish(wish(name));
  CHECK(session.update(wish("a"), {.high_watermark = 3, .log_start = 0, .has_records = true}));
  CHECK(session.update(wish("b"), {.high_watermark = 3, .log_start = 0}));
  CHECK(order_of(session) == (std::vector<std::string>{"b", "c", "a"}));
  session.wish(wish("b", 9));
  CHECK(order_of(session) == (std::vector<std::string>{"b", "c", "a"}));
  session.forget("c", {}, 0);
  session.forget("nobody", {}, 0);
  CHECK(order_of(session) == (std::vector<std::string>{"b", "a"}));
}

void a_full_cache_evicts_by_age_then_by_size() {
  Counters counters;
  FetchSessionCache cache(2, 7, counters);
  const auto first = cache.create(0, false, 10, false);
  const auto second = cache.create(0, false, 20, false);
  CHECK(first != nullptr && second != nullptr && first->id != second->id && first->id > 0);
  // Nobody had its two minutes.
  CHECK(cache.create(1'000, false, 100, false) == nullptr);
  cache.touch(*first, session_eviction_ms + 1, 10);
  cache.touch(*second, session_eviction_ms + 1, 20);
  // Both had, but a new one must be larger than the one it pushes out.
  CHECK(cache.create(session_eviction_ms + 2, false, 10, false) == nullptr);
  const auto larger = cache.create(session_eviction_ms + 2, false, 11, false);
  CHECK(larger != nullptr);
  CHECK(cache.find(first->id) == nullptr);
  CHECK(cache.find(second->id) != nullptr);
  // Unused for two minutes: whatever the size.
  const auto small = cache.create(3 * session_eviction_ms, false, 1, false);
  CHECK(small != nullptr);
  CHECK(cache.find(second->id) == nullptr);
  CHECK_EQ(cache.size(), 2u);
  CHECK_EQ(counters.read(abi::Counter::fetch_sessions_now), 2);
  CHECK_EQ(counters.read(abi::Counter::fetch_sessions_evicted), 2);
}

void followers_push_out_clients() {
  Counters counters;
  FetchSessionCache cache(1, 7, counters);
  const auto client = cache.create(0, false, 50, false);
  const auto follower = cache.create(1, true, 1, false);
  CHECK(follower != nullptr);
  CHECK(cache.find(client->id) == nullptr);
  CHECK(cache.create(2, false, 500, false) == nullptr);
}

void no_slots_no_sessions() {
  Counters counters;
  FetchSessionCache cache(0, 7, counters);
  CHECK(cache.create(0, false, 1, false) == nullptr);
}

void epochs_follow_each_other() {
  CHECK_EQ(next_fetch_epoch(0), 1);
  CHECK_EQ(next_fetch_epoch(7), 8);
  CHECK_EQ(next_fetch_epoch(INT32_MAX), 1);
  CHECK_EQ(next_fetch_epoch(-1), -1);
}

FetchRequest request_for(int32_t session_id, int32_t epoch, const std::vector<std::string_view>& topics) {
  FetchRequest request;
  request.session_id = session_id;
  request.session_epoch = epoch;
  for (const std::string_view name : topics) {
    const auto at = static_cast<uint32_t>(request.topics.size());
    FetchTopic topic;
    topic.name = name;
    topic.partitions_begin = at;
    topic.partitions_end = at + 1;
    request.topics.push_back(topic);
    FetchPartition partition;
    partition.topic = at;
    request.partitions.push_back(partition);
  }
  return request;
}

void a_session_from_first_to_last() {
  Counters counters;
  FetchSessionCache cache(10, 7, counters);
  std::vector<FetchWish> wishes;
  int32_t id = 0;
  FetchContext first;
  CHECK_EQ(first.open(cache, request_for(0, 0, {"a", "b"}), false, 0, wishes), KafkaError::none);
  CHECK_EQ(wishes.size(), 2u);
  CHECK_EQ(first.begin_answer(cache, 0, wishes.size(), id), KafkaError::none);
  for (const FetchWish& each : wishes) CHECK(first.includes(each, {.high_watermark = 1, .log_start = 0}));
  first.end_answer();
  CHECK(id > 0);

  const auto open = [&](const FetchRequest& request, bool by_id = false) {
    wishes.clear();
    FetchContext context;
    return context.open(cache, request, by_id, 0, wishes);
  };
  CHECK_EQ(open(request_for(id, 2, {})), KafkaError::invalid_fetch_session_epoch);
  CHECK_EQ(open(request_for(id + 1, 1, {})), KafkaError::fetch_session_id_not_found);
  CHECK_EQ(open(request_for(id, 1, {}), true), KafkaError::fetch_session_topic_id_error);

  FetchContext second;
  wishes.clear();
  CHECK_EQ(second.open(cache, request_for(id, 1, {"c"}), false, 0, wishes), KafkaError::none);
  CHECK_EQ(wishes.size(), 3u);
  // Another request of the session came between: this one's answer would confuse the client.
  CHECK_EQ(open(request_for(id, 2, {})), KafkaError::none);
  int32_t ignored = 0;
  CHECK_EQ(second.begin_answer(cache, 0, wishes.size(), ignored), KafkaError::invalid_fetch_session_epoch);

  FetchRequest forget_all = request_for(id, 3, {});
  forget_all.forgotten_partitions = {0, 0, 0};
  for (const char* name : {"a", "b", "c"}) {
    FetchTopic topic;
    topic.name = name;
    topic.partitions_begin = static_cast<uint32_t>(forget_all.forgotten_topics.size());
    topic.partitions_end = topic.partitions_begin + 1;
    forget_all.forgotten_topics.push_back(topic);
  }
  CHECK_EQ(open(forget_all), KafkaError::none);
  CHECK_EQ(cache.size(), 0u);
}

void a_new_session_replaces_the_one_it_names() {
  Counters counters;
  FetchSessionCache cache(10, 7, counters);
  const auto old = cache.create(0, false, 1, false);
  std::vector<FetchWish> wishes;
  FetchContext context;
  CHECK_EQ(context.open(cache, request_for(old->id, 0, {"a"}), false, 0, wishes), KafkaError::none);
  CHECK(cache.find(old->id) == nullptr);
}

}  // namespace

int main() {
  names_what_changed();
  who_got_records_goes_to_the_end();
  a_full_cache_evicts_by_age_then_by_size();
  followers_push_out_clients();
  no_slots_no_sessions();
  epochs_follow_each_other();
  a_session_from_first_to_last();
  a_new_session_replaces_the_one_it_names();
  return check_result();
}
