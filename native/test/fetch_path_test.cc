// Fetch, ListOffsets and OffsetForLeaderEpoch on real connections.
#include <fcntl.h>

#include <filesystem>
#include <thread>

#include "plane/data_plane.h"
#include "test/hot_requests.h"
#include "test/served_plane.h"

using namespace milena;
using namespace milena::test;

namespace {

constexpr int16_t out_of_range = 1;
constexpr int16_t unknown_topic = 3;
constexpr int16_t storage_error = 56;
constexpr int16_t fenced_epoch = 74;
constexpr int16_t unknown_epoch = 75;

void fill(Client& client, const std::string& topic, int count, size_t value_bytes) {
  for (int i = 0; i < count; i++) CHECK_EQ(read_produce(client.call(produce_one(i, topic, -1, value_bytes))).parts[0].error, 0);
}

size_t batches_in(const Buffer& records) {
  size_t count = 0;
  for (Bytes left = records; !left.empty(); count++) {
    const Result<BatchInfo> info = parse_batch_header(left);
    REQUIRE(info && info->size_bytes <= left.size());
    CHECK(batch_crc_matches(left.first(info->size_bytes)));
    left = left.subspan(info->size_bytes);
  }
  return count;
}

void whole_batches_within_the_limits() {
  ServedPlane served;
  served.lead("t");
  Client client(served.port);
  fill(client, "t", 10, 1'000);
  const auto fetched = [&](int32_t part_max, int32_t max) {
    return batches_in(read_fetch(client.call(fetch_request(1, {{"t", 0, part_max}}, {.bytes_max = max}))).parts[0].records);
  };
  CHECK_EQ(fetched(1 << 20, INT32_MAX), 10u);
  CHECK_EQ(fetched(1, INT32_MAX), 1u);  // at least one (KIP-74)
  CHECK_EQ(fetched(1 << 20, 1), 1u);
  CHECK_EQ(fetched(3'500, INT32_MAX), 3u);
  CHECK_EQ(fetched(0, 0), 1u);
  // The limit of the request is shared by its partitions, in their order.
  served.lead("u");
  fill(client, "u", 10, 1'000);
  const FetchAnswer both = read_fetch(client.call(fetch_request(2, {{"t"}, {"u"}}, {.bytes_max = 12'000})));
  CHECK_EQ(batches_in(both.parts[0].records), 10u);
  CHECK_EQ(batches_in(both.parts[1].records), 1u);
}

// Sizes around the thresholds of sendfile, one range and several: the bytes are the same.
void from_memory_and_from_files() {
  ServedPlane served;
  for (const char* topic : {"a", "b", "c"}) served.lead(topic);
  Client client(served.port);
  for (const char* topic : {"a", "b", "c"})
    for (const size_t size : {1'000u, 20'000u, 50'000u, 300'000u}) CHECK_EQ(read_produce(client.call(produce_one(1, topic, -1, size))).parts[0].error, 0);
  for (const int32_t limit : {2'000, 30'000, 80'000, 1 << 20}) {
    const FetchAnswer one = read_fetch(client.call(fetch_request(1, {{"a", 0, limit}})));
    const FetchAnswer all = read_fetch(client.call(fetch_request(2, {{"a", 0, limit}, {"b", 0, limit}, {"c", 1, limit}})));
    CHECK(batches_in(one.parts[0].records) > 0);
    CHECK(all.parts[0].records == one.parts[0].records);
    CHECK(all.parts[1].records == one.parts[0].records);
    batches_in(all.parts[2].records);
  }
  CHECK(served.counter(abi::Counter::sendfile_calls) > 0);
  CHECK(served.counter(abi::Counter::pread_calls) > 0);
}

// Pages dropped from memory are brought back by another thread; the answer is the same.
void cold_ranges_are_read_ahead() {
  ServedPlane served;
  served.lead("t");
  Client client(served.port);
  fill(client, "t", 3, 100'000);
  const FetchAnswer warm_answer = read_fetch(client.call(fetch_request(1, {{"t"}})));
  for (const auto& entry : std::filesystem::directory_iterator(served.directory + "/data/t-0")) {
    if (entry.path().extension() != ".log") continue;
    const UniqueFd file(::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC));
    ::fdatasync(file.get());
    ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
  }
  for (const int32_t limit : {1, 1 << 20}) {
    const FetchAnswer cold_answer = read_fetch(client.call(fetch_request(2, {{"t", 0, limit}})));
    if (limit > 1) CHECK(cold_answer.parts[0].records == warm_answer.parts[0].records);
    CHECK(batches_in(cold_answer.parts[0].records) > 0);
  }
  // Where the system keeps the pages (memory file systems) there was nothing to bring back.
  std::printf("fetch_path_test: %lld cold reads\n", static_cast<long long>(served.counter(abi::Counter::cold_reads)));
}

// A reactor that would have to ask a disk where the records lie has another thread find out; several partitions at once, once for each request.
void the_search_is_left_to_others() {
  ServedPlane served;
  for (const char* topic : {"a", "b", "c"}) served.lead(topic);
  Client client(served.port);
  for (const char* topic : {"a", "b", "c"}) fill(client, topic, 30, 9'000);
  // Other offsets each time, so that no boundary is known from the request before.
  const auto fetched = [&](int64_t from) {
    return read_fetch(client.call(fetch_request(1, {{"a", from, 50'000}, {"b", from + 1, 1 << 20}, {"c", from + 2, 1}}, {.bytes_max = 250'000})));
  };
  std::vector<FetchAnswer> in_memory;
  for (const int64_t from : {3, 7, 11}) in_memory.push_back(fetched(from));
  CHECK_EQ(served.counter(abi::Counter::cold_reads), 0);
  served.fail_calls(abi::FaultCall::read_in_memory, EAGAIN);
  for (const int64_t from : {3, 7, 11}) {
    const FetchAnswer found = fetched(from);
    const FetchAnswer& wanted = in_memory[static_cast<size_t>(from / 4)];
    for (size_t i = 0; i < 3; i++) {
      CHECK_EQ(found.parts[i].error, 0);
      CHECK(found.parts[i].records == wanted.parts[i].records);
      CHECK_EQ(batches_in(found.parts[i].records) > 0, i < 2);  // the third has no room left
    }
  }
  CHECK(served.counter(abi::Counter::cold_reads) >= 3);
  // Nothing to search for: waits for records as ever.
  const FetchAnswer none = read_fetch(client.call(fetch_request(2, {{"a", 30}}, {.wait_ms = 1})));
  CHECK_EQ(none.parts[0].error, 0);
  CHECK(none.parts[0].records.empty());
}

void refusals_by_partition() {
  ServedPlane served;
  served.lead("t", served_config(), false, 5);
  Client client(served.port);
  fill(client, "t", 2, 1);
  const auto error_of = [&](const FetchPart& part) {
    const FetchAnswer answer = read_fetch(client.call(fetch_request(1, {part}, {.wait_ms = 60'000})));
    if (answer.parts[0].error != 0) {
      CHECK_EQ(answer.parts[0].high_watermark, -1);
      // Empty for partitions nobody knows, null where reading was refused.
      CHECK_EQ(answer.parts[0].aborted, answer.parts[0].error == unknown_topic ? 0 : -1);
      CHECK(answer.parts[0].records.empty());
    }
    return answer.parts[0].error;
  };
  CHECK_EQ(error_of({"t", 0}), 0);
  CHECK_EQ(error_of({"t", 3}), out_of_range);
  CHECK_EQ(error_of({"t", -1}), out_of_range);
  CHECK_EQ(error_of({"nowhere", 0}), unknown_topic);
  CHECK_EQ(error_of({"t", 0, 100, 4}), fenced_epoch);
  CHECK_EQ(error_of({"t", 0, 100, 6}), unknown_epoch);
  CHECK_EQ(error_of({"t", 0, 100, 5}), 0);
  CHECK_EQ(error_of({"t", 0, -1}), -1);
}

void read_committed_has_a_list_of_aborted() {
  ServedPlane served;
  served.lead("t");
  Client client(served.port);
  fill(client, "t", 1, 1);
  CHECK_EQ(read_fetch(client.call(fetch_request(1, {{"t"}}))).parts[0].aborted, -1);
  const FetchAnswer committed = read_fetch(client.call(fetch_request(1, {{"t"}}, {.isolation = 1})));
  CHECK_EQ(committed.parts[0].aborted, 0);
  CHECK_EQ(committed.parts[0].last_stable, 1);
  CHECK_EQ(read_fetch(client.call(fetch_request(1, {{"t"}}, {.isolation = 7}))).error, -1);
}

// An index of aborted transactions that is not in memory is read by another thread; one that cannot be read lets nothing be taken for committed.
void aborted_or_nothing() {
  ServedPlane served;
  served.lead("t");
  BatchSpec records;
  records.producer_id = 7;
  records.producer_epoch = 0;
  records.base_sequence = 0;
  records.attributes = batch_layout::transactional_bit;
  records.records[0].value = std::string(100'000, 'x');  // sent from its file
  served.append(build_batch(records));
  served.append(build_batch(marker(7, true)));
  Client client(served.port);
  const auto committed = [&] { return read_fetch(client.call(fetch_request(1, {{"t"}}, {.wait_ms = 60'000, .bytes_min = 100'100, .isolation = 1}))).parts[0]; };
  CHECK_EQ(committed().aborted, 1);
  CHECK_EQ(served.counter(abi::Counter::cold_reads), 0);
  served.fail_calls(abi::FaultCall::read_in_memory, EAGAIN);
  CHECK_EQ(committed().aborted, 1);
  CHECK(served.counter(abi::Counter::cold_reads) > 0);
  served.fail_calls(abi::FaultCall::read_in_memory, EIO);
  const auto refused = committed();
  CHECK_EQ(refused.error, storage_error);
  CHECK(refused.records.empty());
}

void waits_for_bytes_or_for_time() {
  ServedPlane served;
  served.lead("t");
  served.lead("u");
  Client waiting(served.port);
  Client producer(served.port);
  waiting.send(fetch_request(1, {{"t"}, {"u"}}, {.wait_ms = 60'000, .bytes_min = 5'000}));
  while (served.counter(abi::Counter::fetches_parked) < 1) std::this_thread::yield();
  fill(producer, "t", 1, 2'000);
  while (served.counter(abi::Counter::fetches_parked) < 2) std::this_thread::yield();  // woken, too little, parked again
  fill(producer, "u", 1, 4'000);
  const FetchAnswer answer = read_fetch(*waiting.receive());
  CHECK(batches_in(answer.parts[0].records) == 1 && batches_in(answer.parts[1].records) == 1);
  CHECK_EQ(served.counter(abi::Counter::fetches_parked_now), 0);
  // With nothing new, the deadline answers.
  CHECK(read_fetch(waiting.call(fetch_request(2, {{"t", 1}}, {.wait_ms = 20}))).parts[0].records.empty());
}

void many_wait_and_all_are_woken() {
  ServedPlane served;
  served.lead("t");
  std::vector<std::unique_ptr<Client>> waiting;
  for (int32_t i = 0; i < 100; i++) {
    waiting.push_back(std::make_unique<Client>(served.port));
    waiting.back()->send(fetch_request(i, {{"t"}}, {.wait_ms = 60'000}));
  }
  while (served.counter(abi::Counter::fetches_parked_now) < 100) std::this_thread::yield();
  for (size_t i = 0; i < 30; i++) waiting[i]->reset();
  Client producer(served.port);
  fill(producer, "t", 1, 10);
  for (size_t i = 30; i < 100; i++) CHECK_EQ(batches_in(read_fetch(*waiting[i]->receive()).parts[0].records), 1u);
}

void a_session_names_only_what_changed() {
  ServedPlane served;
  for (const char* topic : {"a", "b", "c"}) served.lead(topic);
  Client client(served.port);
  Client producer(served.port);
  const FetchAnswer full = read_fetch(client.call(fetch_request(1, {{"a"}, {"b"}, {"c"}}, {.session_epoch = 0})));
  CHECK(full.session_id > 0);
  CHECK_EQ(full.parts.size(), 3u);
  int32_t epoch = 1;
  const auto next = [&](const std::vector<FetchPart>& parts = {}, const std::vector<std::string>& forget = {}) {
    return read_fetch(client.call(fetch_request(2, parts, {.session_id = full.session_id, .session_epoch = epoch++, .forget = forget})));
  };
  CHECK_EQ(next().parts.size(), 0u);
  fill(producer, "b", 1, 10);
  const FetchAnswer changed = next();
  REQUIRE(changed.parts.size() == 1);
  CHECK(changed.parts[0].topic == "b" && changed.parts[0].high_watermark == 1);
  CHECK_EQ(next({{"b", 1}}).parts.size(), 0u);
  fill(producer, "c", 1, 10);
  CHECK_EQ(next({}, {"c"}).parts.size(), 0u);
  CHECK_EQ(next({{"c", 0}}).parts.size(), 1u);
  const FetchAnswer wrong = read_fetch(client.call(fetch_request(9, {}, {.session_id = full.session_id, .session_epoch = 77})));
  CHECK_EQ(wrong.error, 71);
  CHECK_EQ(wrong.session_id, 0);
  CHECK_EQ(read_fetch(client.call(fetch_request(9, {}, {.session_id = 1, .session_epoch = 1}))).error, full.session_id == 1 ? 71 : 70);
  // Closing it.
  CHECK_EQ(read_fetch(client.call(fetch_request(9, {}, {.session_id = full.session_id, .session_epoch = -1}))).session_id, 0);
  CHECK_EQ(served.counter(abi::Counter::fetch_sessions_now), 0);
}

void offsets_by_name_and_by_time() {
  ServedPlane served;
  served.lead("t", served_config(), false, 5);
  Client client(served.port);
  const auto listed = [&](int64_t timestamp, int32_t epoch = -1) { return read_list_offsets(client.call(list_offsets_request(1, "t", timestamp, 0, epoch))); };
  CHECK_EQ(listed(-1).offset, 0);
  CHECK_EQ(listed(1'000).offset, -1);
  for (int64_t i = 0; i < 5; i++) {
    BatchSpec spec;
    spec.base_timestamp = 1'000 + 100 * i;
    CHECK_EQ(read_produce(client.call(produce_request(1, {{"t", build_batch(spec)}}))).parts[0].error, 0);
  }
  CHECK_EQ(listed(-1).offset, 5);
  CHECK_EQ(listed(-1).epoch, 5);
  CHECK_EQ(listed(-2).offset, 0);
  const ListOffsetsAnswer hit = listed(1'150);
  CHECK_EQ(hit.offset, 2);
  CHECK_EQ(hit.timestamp, 1'200);
  CHECK_EQ(listed(2'000).offset, -1);
  CHECK_EQ(listed(-3).error, 35);  // asked in a version that does not know it
  CHECK_EQ(listed(-1, 4).error, fenced_epoch);
  CHECK_EQ(listed(-1, 6).error, unknown_epoch);
}

void ends_of_epochs() {
  ServedPlane served;
  served.lead("t", served_config(), false, 5);
  Client client(served.port);
  fill(client, "t", 3, 1);
  const auto asked = [&](int32_t current, int32_t epoch) {
    const Buffer frame = client.call(leader_epoch_request(1, "t", current, epoch));
    WireReader from(frame);
    from.int32(), from.int32(), from.array_size(false), from.string(false), from.array_size(false);
    const int16_t error = from.int16();
    from.int32();
    const int32_t found = from.int32();
    return std::tuple{error, found, from.int64()};
  };
  CHECK((asked(5, 5) == std::tuple{int16_t{0}, 5, int64_t{3}}));
  CHECK((asked(-1, 9) == std::tuple{int16_t{0}, -1, int64_t{-1}}));
  CHECK((asked(4, 5) == std::tuple{fenced_epoch, -1, int64_t{-1}}));
  CHECK((asked(6, 5) == std::tuple{unknown_epoch, -1, int64_t{-1}}));
}

}  // namespace

int main() {
  whole_batches_within_the_limits();
  from_memory_and_from_files();
  cold_ranges_are_read_ahead();
  the_search_is_left_to_others();
  refusals_by_partition();
  read_committed_has_a_list_of_aborted();
  aborted_or_nothing();
  waits_for_bytes_or_for_time();
  many_wait_and_all_are_woken();
  a_session_names_only_what_changed();
  offsets_by_name_and_by_time();
  ends_of_epochs();
  return check_result();
}
