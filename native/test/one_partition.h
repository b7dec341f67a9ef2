// One partition on a disk in memory whose lane's turns and syncs are made by the test.
#pragma once
#include "test/plane_support.h"

namespace milena::test {

struct Setup {
  explicit Setup(abi::LogConfig log_config = default_config(), bool is_new = true) : config(make_partition_config(log_config, 86'400'000)) {
    LogDirectoryOptions options;
    options.take_lock = false;
    options.boot_id = "boot";
    auto opened = LogDirectory::open(files, "/data", options);
    REQUIRE(opened);
    directory = std::move(*opened);
    partition = std::make_shared<Partition>(PartitionIdentity{{1, 1}, TopicId{}, "topic", 0, 0, false}, lane, LeaderEpoch{5}, is_new, config);
  }
  void open() {
    PartitionLogOptions options;
    options.partition = {"topic", 0};
    options.config = config->log;
    options.now_ms = lane.time.wall_ms();
    auto log = PartitionLog::open(*directory, options);
    REQUIRE(log);
    REQUIRE((*log)->begin_epoch(partition->leader_epoch()));
    partition->opened(std::move(*log));
    lane.run_turns();
  }
  std::unique_ptr<TestAppend> place(int16_t acks, const BatchSpec& spec = {}) {
    auto append = make_append(owner, acks, spec);
    CHECK_EQ(owner.place(*partition, *append), Placement::placed);
    return append;
  }

  CrashFileSystem files;
  ManualLane lane;
  FakeOwner owner;
  std::shared_ptr<const PartitionConfig> config;
  std::unique_ptr<LogDirectory> directory;
  std::shared_ptr<Partition> partition;
};

struct Opened : Setup {
  explicit Opened(const abi::LogConfig& log_config = default_config()) : Setup(log_config) { open(); }
};

inline BatchSpec idempotent(int32_t sequence) {
  BatchSpec spec;
  spec.producer_id = 77;
  spec.producer_epoch = 0;
  spec.base_sequence = sequence;
  return spec;
}

}  // namespace milena::test
