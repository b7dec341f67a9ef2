// What a lane does by the clock, with a clock that the test moves: checkpoints, retention, removal of files, flush.ms.
#include "test/whole_plane.h"

using namespace milena;
using namespace milena::test;

namespace {

struct Timed {
  explicit Timed(const abi::LogConfig& config) {
    plane.lead(1, "topic", 0, true, config);
    CHECK_EQ(plane.led(1).error, 0);
  }
  ~Timed() { plane.partitions->close(); }
  Lane& lane() { return plane.partitions->lane(0); }
  void advance(int64_t by_ms) {
    clock.advance_ms(by_ms);
    lane().tick();
  }
  std::optional<Offset> checkpoint(Checkpoint which) { return lane().directory().checkpoint(which, {"topic", 0}); }

  CrashFileSystem files;
  ManualClock clock{1'000'000};
  FakeOwner owner;
  Plane plane{files, {}, &clock};
};

abi::LogConfig small_segments() {
  abi::LogConfig config = default_config();
  config.segment_bytes = 200;  // two batches
  return config;
}

void a_completed_segment_moves_the_recovery_point() {
  Timed t(small_segments());
  produce(t.plane, 1, acks_all, 6, t.owner);
  t.lane().group_commit().wait_idle();
  CHECK(!t.checkpoint(Checkpoint::recovery_point));
  t.advance(checkpoint_after_roll_ms);
  wait_until_so([&] { return t.checkpoint(Checkpoint::recovery_point) == Offset{6}; });
}

void checkpoints_are_written_regularly() {
  Timed t(default_config());
  produce(t.plane, 1, acks_all, 3, t.owner);
  t.advance(60'000);
  wait_until_so([&] { return t.checkpoint(Checkpoint::high_watermark) == Offset{3}; });
  t.plane.partitions->delete_before({{1, 1}, 2, 1});
  t.plane.events.wait([&] { return t.plane.events.dones.size() == 1; });
  t.advance(60'000);
  wait_until_so([&] { return t.checkpoint(Checkpoint::log_start) == Offset{2}; });
  // What is dropped leaves the files.
  t.plane.partitions->drop({{1, 1}, 2});
  t.plane.events.wait([&] { return t.plane.events.dones.size() == 2; });
  t.advance(60'000);
  wait_until_so([&] { return !t.checkpoint(Checkpoint::high_watermark); });
}

void retention_removes_segments_and_later_their_files() {
  abi::LogConfig config = small_segments();
  config.retention_bytes = 200;
  Timed t(config);
  produce(t.plane, 1, acks_all, 10, t.owner);
  CHECK_EQ(t.plane.at(1)->view().log_start.value, 0);
  t.advance(300'000);
  wait_until_so([&] { return t.plane.at(1)->view().log_start.value > 0; });
  until_kept(t.lane());
  CHECK(t.lane().directory().removals().pending() > 3);
  t.advance(config.file_delete_delay_ms);
  wait_until_so([&] { return t.lane().directory().removals().pending() == 0; });
}

void flush_ms_of_write_caching() {
  abi::LogConfig config = default_config();
  config.write_caching = true;
  config.flush_ms = 5'000;
  Timed t(config);
  produce(t.plane, 1, acks_all, 3, t.owner);
  CHECK_EQ(t.plane.at(1)->log()->ends().flushed_end.offset.value, 0);
  t.advance(5'000);
  wait_until_so([&] { return t.plane.at(1)->log()->ends().flushed_end.offset.value == 3; });
}

}  // namespace

int main() {
  a_completed_segment_moves_the_recovery_point();
  checkpoints_are_written_regularly();
  retention_removes_segments_and_later_their_files();
  flush_ms_of_write_caching();
  return check_result();
}
