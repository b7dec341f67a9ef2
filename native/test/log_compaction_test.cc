// Compaction of a whole log against a model: random keys, tombstones, records without key, codecs, producers and transactions; interleaved
// appends, rolls and cleanings. Invariants are in compaction_invariants.h. `log_compaction_test [seeds] [first seed]`
#include <cstdlib>

#include "test/compaction_invariants.h"
#include "test/log_support.h"

using namespace milena;
using namespace milena::test;

namespace {

constexpr uint64_t default_seeds = 150;

class Life {
 public:
  explicit Life(uint64_t seed) : chance_(seed) {
    log_.config->compact = true;
    log_.config->delete_old = false;
    REQUIRE(log_.open());
  }

  bool run() {
    for (int step = 0; step < 60; step++) {
      switch (chance_() % 8) {
        case 0: roll(); break;
        case 1: clean(); break;
        case 2: now_ms_ += static_cast<int64_t>(chance_() % 20'000); break;
        case 3: reopen(); break;
        case 4: end_transaction(); break;
        default: append(); break;
      }
      if (failures > 0) return false;
    }
    roll();
    clean();
    check();
    return failures == 0;
  }

 private:
  struct Producer {
    int32_t sequence = 0;
    bool in_transaction = false;
    std::vector<SentRecord> open;  // records of the open transaction
  };

  void append() {
    const size_t count = 1 + chance_() % 5;
    const int64_t id = static_cast<int64_t>(chance_() % 4);  // 0: no producer id
    BatchSpec spec;
    spec.base_timestamp = now_ms_;
    spec.records.clear();
    for (size_t i = 0; i < count; i++) {
      TestRecord record;
      record.timestamp_delta = static_cast<int64_t>(i);
      record.key = chance_() % 20 == 0 ? std::nullopt : std::optional("key-" + std::to_string(chance_() % 12));
      record.value = chance_() % 5 == 0 ? std::nullopt : std::optional(sample_text(chance_, chance_() % 60));
      if (chance_() % 6 == 0) record.headers.push_back({"h", "v"});
      spec.records.push_back(record);
    }
    spec.codec = static_cast<Compression>(chance_() % 5);
    bool transactional = false;
    if (id > 0) {
      Producer& producer = producers_[id];
      transactional = producer.in_transaction || chance_() % 3 == 0;
      spec.producer_id = id;
      spec.producer_epoch = 0;
      spec.base_sequence = producer.sequence;
      if (transactional) spec.attributes |= batch_layout::transactional_bit;
      producer.sequence += static_cast<int32_t>(count);
      producer.in_transaction = transactional;
    }
    const AppendEntry entry = log_.append(spec, 0, now_ms_);
    if (!CHECK_EQ(entry.error, KafkaError::none)) return;
    for (size_t i = 0; i < count; i++) {
      SentRecord record{entry.base_offset.value + static_cast<int64_t>(i), spec.records[i].key, spec.records[i].value, now_ms_ + static_cast<int64_t>(i)};
      if (transactional) producers_[id].open.push_back(record);
      sent_.records.push_back({record, transactional ? Fate::open : Fate::committed});
    }
  }

  void end_transaction() {
    for (auto& [id, producer] : producers_) {
      if (!producer.in_transaction) continue;
      const bool commit = chance_() % 2 == 0;
      BatchSpec spec;
      spec.base_timestamp = now_ms_;
      spec.attributes = batch_layout::transactional_bit | batch_layout::control_bit;
      spec.producer_id = id;
      spec.producer_epoch = 0;
      spec.records = {TestRecord{}};
      spec.records[0].key = std::string("\0\0\0", 3) + (commit ? '\1' : '\0');
      spec.records[0].value = std::string("\0\0\0\0\0\0", 6);
      Sent sent(spec);
      sent.entry.origin = AppendOrigin::coordinator;
      AppendEntry* entry = &sent.entry;
      CHECK(log_.log->append(std::span(&entry, 1), LeaderEpoch{0}, now_ms_));
      CHECK_EQ(sent.entry.error, KafkaError::none);
      sent_.decide(producer.open, commit);
      producer.open.clear();
      producer.in_transaction = false;
      return;
    }
  }

  void roll() {
    CHECK(log_.log->roll(now_ms_, true));
    CHECK(log_.log->sync());
  }

  void clean() {
    const Offset end = log_.log->ends().flushed_end.offset;
    const Offset stable = log_.log->last_stable_offset(end);
    const auto dirt = log_.log->dirt(clean_end_, stable, {}, now_ms_);
    if (!CHECK(dirt)) return;
    auto job = log_.log->cleaning_job(*dirt);
    if (!CHECK(job)) return;
    job->now_ms = now_ms_;
    job->delete_retention_ms = delete_retention_ms;
    job->map_bytes_max = LatestOffsets::slot_bytes * (chance_() % 2 == 0 ? 1000 : 16);
    job->secret = {chance_(), chance_()};
    std::vector<CleanedGroup> groups;
    const auto take = [&](const CleanedGroup& group) {
      groups.push_back(group);
      return true;
    };
    LogCleaner cleaner(log_.disk, *job, {[] { return false; }, [](uint64_t) {}, take});
    const auto outcome = cleaner.run();
    if (!outcome) std::fprintf(stderr, "%s\n", cleaner.failure().c_str());
    if (!CHECK(outcome)) return;
    for (const CleanedGroup& group : groups) {
      append();  // appends and rolls go on meanwhile
      CHECK(log_.log->replace(group, now_ms_));
    }
    clean_end_ = outcome->clean_end;
    passes_++;
    check();
  }

  void reopen() {
    if (chance_() % 2 == 0) {
      CHECK(log_.log->sync());
      CHECK(log_.stop_cleanly());
    } else {
      CHECK(log_.log->sync());
      log_.kill();
    }
    REQUIRE(log_.open());
    check();
  }

  void check() {
    const Offset end = log_.log->ends().log_end.offset;
    const auto bytes = log_.read(Offset{0}, end, 700);
    check_compacted(sent_, bytes, *log_.log, clean_end_.value_or(Offset{0}), now_ms_, delete_retention_ms);
  }

  static constexpr int64_t delete_retention_ms = 10'000;
  std::mt19937_64 chance_;
  TestLog log_;
  int64_t now_ms_ = test_now_ms;
  std::optional<Offset> clean_end_;
  std::map<int64_t, Producer> producers_;
  SentLog sent_;
  int passes_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const uint64_t seeds = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : default_seeds;
  const uint64_t first = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  for (uint64_t seed = first; seed < first + seeds; seed++) {
    if (Life(seed).run()) continue;
    std::fprintf(stderr, "seed %llu\n", static_cast<unsigned long long>(seed));
    return EXIT_FAILURE;
  }
  return check_result();
}
