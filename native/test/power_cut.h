// One log, many lives: a random broker appends, syncs, rolls, truncates and deletes until the power goes, the process dies, a call fails or
// it stops in order; then the next life opens what is left and an oracle compares it with everything that was ever appended.
#pragma once
#include <atomic>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "test/log_support.h"

namespace milena::test {

class PowerCut {
 public:
  explicit PowerCut(uint64_t seed);
  // Nothing, or what was found to be wrong.
  std::optional<std::string> run();

 private:
  // A batch of the log as it should be.
  struct Stored {
    Buffer bytes;  // stamped
    BatchInfo info;
  };
  struct Producer {
    int16_t epoch = 0;
    int32_t next_sequence = 0;
  };

  uint64_t roll_dice(uint64_t below) { return chance_() % below; }
  bool one_in(uint64_t n) { return roll_dice(n) == 0; }

  bool live();
  bool open_and_check();
  bool check_recovered();
  bool check_files();
  bool check_index(int64_t base, const Buffer& log);
  bool check_producers();
  bool check_again_changes_nothing();
  void act();
  void append_some();
  void sync_beside_appends();
  void truncate();
  void end_life();

  BatchSpec next_batch();
  void take_answers(const std::deque<Sent>& sent, bool written);
  bool wrong(const std::string& what);
  Offset end_of_story() const { return story_.empty() ? Offset{0} : Offset{story_.back().info.next_offset()}; }
  Buffer bytes_between(Offset from, Offset to) const;
  // Names and contents of the files of the log.
  std::map<std::string, Buffer> files();

  std::mt19937_64 chance_;
  TestLog test_;
  std::vector<Stored> story_;  // everything appended, in order, as far as it may still be there
  Offset acknowledged_{0};     // below it everything was reported durable
  Offset deleted_{0};          // the highest log start ever
  std::map<int64_t, Producer> producers_;
  std::vector<BatchSpec> sent_before_;  // for resending
  int32_t epoch_ = 0;
  int64_t clock_ms_ = test_now_ms;
  bool doomed_ = false;  // a call has failed: this life is about to end
  std::string problem_;
};

}  // namespace milena::test
