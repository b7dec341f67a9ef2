// The n-th call of each kind fails, for n = 1, 2, 3 ... until a whole scenario runs through: nothing acknowledged is lost, and the log is
// either as it was or closed.
#include <cerrno>
#include <cinttypes>

#include "test/log_support.h"

namespace milena::test {
namespace {

struct Outcome {
  Offset durable{0};                 // what sync() vouched for
  std::vector<Buffer> stored;        // batches answered without an error, in order
  bool opened = false;
};

// One life: open, append, roll, sync, checkpoint, retain, close. Goes on after failures, as a broker does.
Outcome scenario(TestLog& test) {
  Outcome outcome;
  if (!test.open()) return outcome;
  outcome.opened = true;
  static_cast<void>(test.log->begin_epoch(LeaderEpoch{1}));
  for (int32_t i = 0; i < 12; i++) {
    const Offset before = test.log->ends().log_end.offset;
    Sent first(produced_by(1, 0, i));
    Sent second(spec_of(2, 40));
    AppendEntry* entries[] = {&first.entry, &second.entry};
    const Status status = test.log->append(entries, LeaderEpoch{1}, test_now_ms);
    for (Sent* sent : {&first, &second}) {
      if (sent->entry.error == KafkaError::none && !sent->entry.duplicate) outcome.stored.push_back(sent->bytes);
      else if (!status) CHECK(sent->entry.error != KafkaError::none);
    }
    if (!status && second.entry.error != KafkaError::none && first.entry.error != KafkaError::none) CHECK_EQ(test.log->ends().log_end.offset.value, before.value);
    if (i % 3 == 2) {
      const bool ok = static_cast<bool>(test.log->sync());
      if (!ok) CHECK(test.log->failed());
      if (ok) static_cast<void>(test.checkpoint());
    }
    if (!test.log->failed()) outcome.durable = test.log->ends().flushed_end.offset;
    if (i == 8) static_cast<void>(retain(*test.log, test_now_ms, outcome.durable));
  }
  if (!test.log->failed() && test.log->close()) {
    outcome.durable = test.log->ends().flushed_end.offset;
    if (test.checkpoint()) static_cast<void>(test.directory->mark_clean_shutdown());
  }
  return outcome;
}

void check_after(TestLog& test, const Outcome& outcome, const std::string& what) {
  test.failure.clear();
  if (!test.open()) {
    report(__FILE__, __LINE__, what + ": open failed: " + test.failure);
    return;
  }
  const LogEnds ends = test.log->ends();
  if (ends.log_end.offset < outcome.durable) report(__FILE__, __LINE__, what + ": durable records are gone");
  Buffer wanted;
  for (const Buffer& batch : outcome.stored) {
    const BatchInfo info = *parse_batch_header(batch);
    if (info.base_offset >= ends.log_start.value && info.base_offset < outcome.durable.value) wanted.insert(wanted.end(), batch.begin(), batch.end());
  }
  const auto found = test.read(ends.log_start, ends.log_end.offset);
  if (found.size() < wanted.size() || !std::equal(wanted.begin(), wanted.end(), found.begin())) report(__FILE__, __LINE__, what + ": other records than were acknowledged");
  // Whatever the sequence has come to, it goes on by one.
  if (!test.log->producers().empty()) {
    const int32_t next = test.log->producers()[0].last_sequence + 1;
    if (test.append(produced_by(1, 0, next), 2).error != KafkaError::none) report(__FILE__, __LINE__, what + ": the producer cannot go on");
  }
}

void every_call(FileCall kind, int error, bool forever, std::optional<uint64_t> written, bool power_cut) {
  for (uint64_t nth = 1;; nth++) {
    TestLog test;
    test.config->segment_bytes = 500;
    test.config->retention_bytes = 1500;
    test.config->retention_ms = -1;
    test.disk.faults().fail_call(kind, nth, error, forever, written);
    const uint64_t calls = test.disk.faults().count(kind);
    const Outcome outcome = scenario(test);
    const bool reached = test.disk.faults().count(kind) - calls >= nth;
    test.disk.faults().clear();
    std::mt19937_64 chance(nth);
    if (power_cut) test.lose_power(chance);
    else test.kill();
    check_after(test, outcome, "call " + std::to_string(nth) + " of kind " + std::to_string(static_cast<int>(kind)) + ", errno " + std::to_string(error));
    if (!reached) {
      CHECK(nth > 1);
      return;
    }
  }
}

}  // namespace
}  // namespace milena::test

int main() {
  using namespace milena;
  using namespace milena::test;
  for (const bool power_cut : {false, true}) {
    for (const bool forever : {false, true}) {
      every_call(FileCall::write, ENOSPC, forever, 0, power_cut);
      every_call(FileCall::write, EIO, forever, 30, power_cut);
      every_call(FileCall::sync, EIO, forever, std::nullopt, power_cut);
      every_call(FileCall::open, EMFILE, forever, std::nullopt, power_cut);
      every_call(FileCall::rename, EIO, forever, std::nullopt, power_cut);
      every_call(FileCall::sync_directory, EIO, forever, std::nullopt, power_cut);
      every_call(FileCall::stat, EIO, forever, std::nullopt, power_cut);
      every_call(FileCall::list, EIO, forever, std::nullopt, power_cut);
    }
  }
  return check_result();
}
