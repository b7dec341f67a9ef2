// Finding batches for fetches and offsets for timestamps; cutting the log at both ends; transactions as readers see them.
#include "test/log_support.h"

namespace milena::test {
namespace {

struct Filled {
  TestLog test;
  std::vector<Offset> bases;   // of each batch
  std::vector<size_t> sizes;
  explicit Filled(uint32_t segment_bytes, int batches = 40) {
    test.config->segment_bytes = segment_bytes;
    REQUIRE(test.open());
    std::mt19937_64 chance(3);
    for (int i = 0; i < batches; i++) {
      BatchSpec spec = spec_of(1 + chance() % 3, chance() % 120, 1000 + 10 * i);
      if (i % 5 == 0) spec.codec = Compression::zstd;
      sizes.push_back(build_batch(spec).size());
      bases.push_back(test.append(spec, i / 10).base_offset);
    }
    REQUIRE(test.log->sync());
  }
};

void ranges() {
  Filled filled(2000);
  PartitionLog& log = *filled.test.log;
  const Offset end = log.ends().log_end.offset;
  for (size_t i = 0; i < filled.bases.size(); i++) {
    const Offset from = filled.bases[i];
    const auto one = log.locate(from, end, 1, true);
    REQUIRE(one);
    CHECK_EQ(one->size, filled.sizes[i]);  // at least one, above the limit
    CHECK_EQ(one->first_offset.value, from.value);
    CHECK_EQ(one->next_offset.value, i + 1 < filled.bases.size() ? filled.bases[i + 1].value : end.value);
    CHECK_EQ(log.locate(from, end, 1, false)->size, 0u);
    CHECK_EQ(log.locate(from, from, 1000, true)->size, 0u);
    // An offset inside of a batch gives the whole batch.
    if (one->next_offset.value - from.value > 1) CHECK_EQ(log.locate(from.next(), end, 1, true)->first_offset.value, from.value);
    // A batch that reaches past the upper bound is left out.
    if (one->next_offset.value - from.value > 1) CHECK_EQ(log.locate(from, from.next(), 1000, true)->size, 0u);
    const auto some = log.locate(from, end, 500, false);
    REQUIRE(some);
    CHECK(some->size <= 500);
    if (i + 1 < filled.bases.size()) {
      const auto bounded = log.locate(Offset{0}, filled.bases[i + 1], 1 << 20, true);
      REQUIRE(bounded);
      CHECK(bounded->next_offset <= filled.bases[i + 1]);
    }
  }
  CHECK_EQ(log.locate(end, end, 100, true)->size, 0u);
  CHECK_EQ(log.locate(end.next(), end, 100, true).why().code, Errc::out_of_range);
  size_t total = 0;
  for (const size_t size : filled.sizes) total += size;
  for (const uint32_t limit : {1u, 200u, 5000u}) CHECK_EQ(filled.test.read(Offset{0}, end, limit).size(), total);
  REQUIRE(log.delete_before(Offset{5}, 0));
  CHECK_EQ(log.locate(Offset{4}, end, 100, true).why().code, Errc::out_of_range);
  CHECK(log.locate(Offset{5}, end, 100, true));
}

// Entries that lie are not believed.
void wrong_index() {
  Filled filled(1 << 20);
  const Offset end = filled.test.log->ends().log_end.offset;
  const auto wanted = filled.test.read(Offset{0}, end, 700);
  REQUIRE(filled.test.stop_cleanly());
  const auto index = read_all(filled.test.disk, filled.test.path(0, ".index"));
  REQUIRE(index.size() > 80);
  for (size_t at = 7; at < index.size(); at += 8) REQUIRE(filled.test.disk.flip_byte(filled.test.path(0, ".index"), at));
  REQUIRE(filled.test.open());
  CHECK_EQ(filled.test.log->ends().log_end.offset.value, end.value);
  CHECK(filled.test.read(Offset{0}, end, 700) == wanted);
}

void timestamps() {
  Filled filled(2000);
  PartitionLog& log = *filled.test.log;
  CodecScratch scratch;
  const Offset end = log.ends().log_end.offset;
  for (size_t i = 0; i < filled.bases.size(); i++) {
    const auto exact = log.find_timestamp(1000 + 10 * static_cast<int64_t>(i), end, scratch);
    REQUIRE(exact);
    CHECK_EQ(exact->offset.value, filled.bases[i].value);
    CHECK_EQ(exact->timestamp_ms, 1000 + 10 * static_cast<int64_t>(i));
    CHECK_EQ(exact->leader_epoch.value, static_cast<int32_t>(i) / 10);
    CHECK_EQ(log.find_timestamp(1000 + 10 * static_cast<int64_t>(i) - 9, end, scratch)->offset.value, filled.bases[i].value);
    CHECK_EQ(log.find_timestamp(1000 + 10 * static_cast<int64_t>(i), filled.bases[i], scratch)->offset.value, -1);
  }
  CHECK_EQ(log.find_timestamp(5000, end, scratch)->offset.value, -1);
  CHECK_EQ(log.max_timestamp(scratch)->offset.value, filled.bases.back().value);
  CHECK_EQ(log.max_timestamp(scratch)->timestamp_ms, 1390);

  TestLog inside;
  REQUIRE(inside.open());
  CHECK_EQ(inside.log->max_timestamp(scratch)->offset.value, -1);
  BatchSpec spec = spec_of(4, 10, 100);
  spec.codec = Compression::gzip;
  spec.records[1].timestamp_delta = 50;
  spec.records[2].timestamp_delta = 20;
  spec.records[3].timestamp_delta = 50;
  inside.append(spec);
  CHECK_EQ(inside.log->find_timestamp(101, Offset{4}, scratch)->offset.value, 1);
  CHECK_EQ(inside.log->max_timestamp(scratch)->offset.value, 1);
  REQUIRE(inside.log->delete_before(Offset{2}, 0));
  CHECK_EQ(inside.log->find_timestamp(101, Offset{4}, scratch)->offset.value, 2);
}

void retention() {
  Filled filled(1000);
  PartitionLog& log = *filled.test.log;
  const Offset end = log.ends().log_end.offset;
  const size_t segments = log.segment_count();
  REQUIRE(segments > 4);
  auto config = std::make_shared<LogConfig>(*filled.test.config);
  config->retention_ms = -1;
  config->retention_bytes = static_cast<int64_t>(log.size_bytes());
  log.set_config(config);
  CHECK_EQ(*retain(log, 2000, end), 0u);
  config = std::make_shared<LogConfig>(*config);
  config->retention_bytes = static_cast<int64_t>(log.size_bytes()) - 1200;
  log.set_config(config);
  CHECK_EQ(*retain(log, 2000, Offset{0}), 0u);  // nothing at or above the high watermark goes
  CHECK_EQ(*retain(log, 2000, end), 1u);
  CHECK_EQ(log.segment_count(), segments - 1);
  const Offset start = log.ends().log_start;
  CHECK(start > Offset{0});
  CHECK(filled.test.disk.exists(filled.test.path(0, ".log.deleted")));
  CHECK_EQ(log.locate(Offset{0}, end, 100, true).why().code, Errc::out_of_range);
  CHECK(filled.test.directory->removals().run_due(2000 + config->file_delete_delay_ms) > 0);
  CHECK(!filled.test.disk.exists(filled.test.path(0, ".log.deleted")));

  REQUIRE(log.delete_before(end, 2000));
  config = std::make_shared<LogConfig>(*config);
  config->delete_old = false;
  config->compact = true;
  config->retention_bytes = 0;
  log.set_config(config);
  CHECK_EQ(*retain(log, 2000, end), segments - 2);  // below log start even compacted logs lose segments
  CHECK_EQ(log.segment_count(), 1u);
  config = std::make_shared<LogConfig>(*config);
  config->delete_old = true;
  config->retention_bytes = -1;
  config->retention_ms = 100;
  log.set_config(config);
  CHECK_EQ(*retain(log, 1490, end), 0u);
  CHECK_EQ(*retain(log, 1491, end), 1u);  // the active one was rolled to go
  CHECK_EQ(log.segment_count(), 1u);
  CHECK_EQ(log.ends().log_start.value, end.value);
  CHECK_EQ(log.ends().log_end.segment_base.value, end.value);
  CHECK_EQ(filled.test.append(spec_of(1, 10)).base_offset.value, end.value);
}

void truncation() {
  Filled filled(1000);
  TestLog& test = filled.test;
  test.append(produced_by(8, 0, 0), 4);
  test.append(produced_by(8, 0, 1), 4);
  REQUIRE(test.log->sync());
  REQUIRE(test.checkpoint());
  const Offset last = test.log->ends().log_end.offset;
  REQUIRE(test.log->truncate_to(Offset{last.value - 1}));
  CHECK_EQ(test.log->producers()[0].last_sequence, 0);
  CHECK_EQ(test.append(produced_by(8, 0, 1), 5).base_offset.value, last.value - 1);
  const Offset middle = filled.bases[12];
  REQUIRE(test.log->truncate_to(middle));
  CHECK_EQ(test.log->ends().log_end.offset.value, middle.value);
  CHECK_EQ(test.log->ends().flushed_end.offset.value, middle.value);
  CHECK(test.log->producers().empty());
  CHECK_EQ(test.log->latest_epoch().value, 1);
  CHECK(test.directory->checkpoint(Checkpoint::recovery_point, test.name) == middle);
  const auto kept = test.read(Offset{0}, middle);
  CHECK_EQ(test.append(spec_of(1, 10, 7), 6).base_offset.value, middle.value);
  CHECK_EQ(test.log->truncate_to(Offset{1000}).code, Errc::ok);
  REQUIRE(test.log->sync());
  test.kill();
  REQUIRE(test.open());
  CHECK_EQ(test.log->ends().log_end.offset.value, middle.value + 1);
  CHECK(test.read(Offset{0}, middle) == kept);
  REQUIRE(test.log->truncate_to(Offset{0}));
  CHECK_EQ(test.log->segment_count(), 1u);
  CHECK_EQ(test.log->size_bytes(), 0u);
}

BatchSpec transactional(int64_t producer_id, int32_t sequence) {
  BatchSpec spec = produced_by(producer_id, 0, sequence);
  spec.attributes = batch_layout::transactional_bit;
  return spec;
}

KafkaError append_marker(TestLog& test, int64_t producer_id, bool abort, int32_t coordinator_epoch = 0) {
  Sent sent(marker(producer_id, abort, coordinator_epoch));
  sent.entry.origin = AppendOrigin::coordinator;
  AppendEntry* entry = &sent.entry;
  static_cast<void>(test.log->append(std::span(&entry, 1), LeaderEpoch{0}, test_now_ms));
  return sent.entry.error;
}

void transactions() {
  TestLog test;
  REQUIRE(test.open());
  const auto end_transaction = [&](int64_t producer_id, bool abort, int32_t coordinator_epoch) { return append_marker(test, producer_id, abort, coordinator_epoch); };
  CHECK_EQ(test.append(spec_of(2, 10)).base_offset.value, 0);
  CHECK_EQ(test.append(transactional(1, 0)).base_offset.value, 2);
  CHECK_EQ(test.append(transactional(2, 0)).base_offset.value, 3);
  CHECK_EQ(test.append(produced_by(1, 0, 1)).error, KafkaError::invalid_txn_state);
  CHECK_EQ(test.log->last_stable_offset(Offset{4}).value, 2);
  CHECK_EQ(test.log->last_stable_offset(Offset{1}).value, 1);
  CHECK_EQ(end_transaction(1, true, 5), KafkaError::none);                            // offset 4
  CHECK_EQ(test.log->last_stable_offset(Offset{4}).value, 2);                         // its end is not replicated yet
  CHECK_EQ(test.log->last_stable_offset(Offset{5}).value, 3);
  CHECK_EQ(end_transaction(2, true, 4), KafkaError::none);                            // offset 5
  CHECK_EQ(end_transaction(2, true, 3), KafkaError::transaction_coordinator_fenced);
  CHECK_EQ(test.append(transactional(3, 0)).base_offset.value, 6);
  CHECK_EQ(test.log->last_stable_offset(Offset{7}).value, 6);
  for (int life = 0; life < 3; life++) {
    const auto aborted = test.log->aborted_transactions(Offset{0}, Offset{7});
    REQUIRE(aborted);
    REQUIRE(aborted->size() == 2);
    CHECK_EQ((*aborted)[0].producer_id.value, 1);
    CHECK_EQ((*aborted)[0].first_offset.value, 2);
    CHECK_EQ((*aborted)[1].producer_id.value, 2);
    CHECK_EQ(test.log->aborted_transactions(Offset{5}, Offset{7})->size(), 1u);
    CHECK_EQ(test.log->aborted_transactions(Offset{0}, Offset{3})->size(), 1u);
    CHECK_EQ(test.log->last_stable_offset(Offset{7}).value, 6);
    REQUIRE(test.log->sync());
    if (life == 0) {
      test.kill();
    } else {
      REQUIRE(test.stop_cleanly());
    }
    REQUIRE(test.open());
  }
  CHECK_EQ(read_all(test.disk, test.path(0, ".txnindex")).size(), 2u * 34);
}

// Whoever never waits is told so wherever the search meets something that is not in memory, and nothing else is made of it.
void never_waits_for_a_disk() {
  Filled filled(2000);
  TestLog& test = filled.test;
  FaultHook& faults = test.disk.faults();
  const Offset end = test.log->ends().log_end.offset;
  // Those that were just written are open, their indexes are not.
  const uint64_t written = faults.count(FileCall::open);
  for (const Offset base : filled.bases) static_cast<void>(test.log->locate(base, end, 700, true, Patience::never_waits));
  CHECK_EQ(faults.count(FileCall::open), written);
  uint64_t asked = 0;
  for (const size_t i : {size_t{1}, size_t{17}, filled.bases.size() - 2}) {
    const auto wanted = test.log->locate(filled.bases[i], end, 700, true);
    REQUIRE(wanted);
    uint64_t nth = 0;
    for (bool found = false; !found;) {
      // No file is open then, and opening one is for others to do.
      REQUIRE(test.stop_cleanly());
      REQUIRE(test.open());
      const uint64_t opens = faults.count(FileCall::open);
      CHECK_EQ(test.log->locate(filled.bases[i], end, 700, true, Patience::never_waits).why().code, Errc::would_wait);
      CHECK_EQ(faults.count(FileCall::open), opens);
      // Of the segment, but not of that offset.
      REQUIRE(test.log->locate(filled.bases[i].next(), end, 700, true));
      faults.fail_call(FileCall::read_in_memory, ++nth, EAGAIN);
      const uint64_t opened = faults.count(FileCall::open);
      const uint64_t reads = faults.count(FileCall::read);
      const uint64_t quick = faults.count(FileCall::read_in_memory);
      const auto range = test.log->locate(filled.bases[i], end, 700, true, Patience::never_waits);
      found = static_cast<bool>(range);
      // Every read there was is one that does not wait.
      CHECK_EQ(faults.count(FileCall::read) - reads, faults.count(FileCall::read_in_memory) - quick - (found ? 0 : 1));
      CHECK_EQ(faults.count(FileCall::open), opened);
      if (found) {
        CHECK_EQ(range->position, wanted->position);
        CHECK_EQ(range->size, wanted->size);
      } else {
        CHECK_EQ(range.why().code, Errc::would_wait);
      }
      faults.clear();
    }
    CHECK(nth > 1);
    asked += nth - 1;
  }
  CHECK(asked > 6);  // searching the index, headers
}

using Aborted = std::vector<std::pair<int64_t, int64_t>>;  // producer, first offset

Result<Aborted> aborted_in(const TestLog& test, Offset from, Offset upper, Patience patience = Patience::waits) {
  const auto found = test.log->aborted_transactions(from, upper, patience);
  if (!found) return found.why();
  Aborted pairs;
  for (const AbortedTransaction& each : *found) pairs.emplace_back(each.producer_id.value, each.first_offset.value);
  return pairs;
}

// Segments of a few transactions each, every second one aborted.
void aborted_transactions_of_closed_segments() {
  TestLog test;
  test.config->segment_bytes = 600;
  REQUIRE(test.open());
  FaultHook& faults = test.disk.faults();
  int64_t producer_id = 0;
  Aborted wanted;
  const auto transact = [&](bool abort) {
    const Offset first = test.append(transactional(++producer_id, 0)).base_offset;
    CHECK_EQ(append_marker(test, producer_id, abort), KafkaError::none);
    if (abort) wanted.emplace_back(producer_id, first.value);
  };
  for (int i = 0; i < 20; i++) transact(i % 2 == 0);
  CHECK(test.log->segment_count() > 4);
  REQUIRE(test.log->sync());
  const auto all = [&](Patience patience = Patience::waits) { return aborted_in(test, Offset{0}, test.log->ends().log_end.offset, patience); };

  // What a disk says is left to others, and remembered.
  REQUIRE(test.stop_cleanly());
  REQUIRE(test.open());
  const uint64_t opens = faults.count(FileCall::open);
  const Aborted last_two(wanted.end() - 2, wanted.end());  // in no more segments than stay open
  const auto late = [&](Patience patience) { return aborted_in(test, Offset{last_two[0].second}, test.log->ends().log_end.offset, patience); };
  CHECK_EQ(late(Patience::never_waits).why().code, Errc::would_wait);
  CHECK_EQ(faults.count(FileCall::open), opens);
  CHECK(*late(Patience::waits) == last_two);
  const uint64_t opened = faults.count(FileCall::open);
  const auto remembered = late(Patience::never_waits);
  REQUIRE(remembered);
  CHECK(*remembered == last_two);
  CHECK(faults.count(FileCall::open) - opened <= 1);  // of the active segment

  // Nothing is said when an index cannot be read, least of all that nothing was aborted.
  REQUIRE(test.stop_cleanly());
  REQUIRE(test.open());
  faults.fail_call(FileCall::read, 1, EIO);
  CHECK_EQ(all().why().code, Errc::io);
  faults.clear();
  CHECK(*all() == wanted);

  // A closed segment becomes the active one again, other transactions end there, and it is closed once more.
  const Offset cut{wanted[4].second};
  REQUIRE(test.log->truncate_to(cut));
  wanted.resize(4);
  const size_t segments = test.log->segment_count();
  for (int i = 0; i < 8; i++) transact(true);
  CHECK(test.log->segment_count() > segments);
  CHECK(*all() == wanted);
  REQUIRE(test.stop_cleanly());
  REQUIRE(test.open());
  CHECK(*all() == wanted);
}

}  // namespace
}  // namespace milena::test

int main() {
  milena::test::ranges();
  milena::test::never_waits_for_a_disk();
  milena::test::wrong_index();
  milena::test::timestamps();
  milena::test::retention();
  milena::test::truncation();
  milena::test::transactions();
  milena::test::aborted_transactions_of_closed_segments();
  return milena::test::check_result();
}
