// The partition side as a whole, with its threads, for the tests.
#pragma once
#include <latch>
#include <memory>

#include "plane/partitions.h"
#include "test/plane_support.h"

namespace milena::test {

struct Plane {
  explicit Plane(FileSystem& on, PartitionsOptions with = {}, const Clock* at = nullptr)
      : files(on), options(std::move(with)), clock(at != nullptr ? *at : system_clock) {
    if (options.log_dirs.empty()) {
      options.log_dirs = {"/data"};
      options.take_lock = false;
      options.boot_id = "boot";
    }
    partitions = Partitions::open(files, clock, events, counters, options, failure);
    REQUIRE(partitions != nullptr);
  }
  void lead(uint32_t handle, const std::string& topic, int32_t index = 0, bool is_new = true, const abi::LogConfig& config = default_config(), int32_t epoch = 0) {
    abi::LeadCommand command;
    command.partition = {handle, 1};
    command.topic_id.fill(std::byte{static_cast<uint8_t>(1 + std::hash<std::string>{}(topic) % 255)});
    command.topic = topic;
    command.partition_index = index;
    command.log_dir = static_cast<uint32_t>(handle % options.log_dirs.size());
    command.leader_epoch = epoch;
    command.is_new = is_new;
    command.config = config;
    partitions->lead(command);
  }
  Events::Led led(uint32_t handle) {
    Events::Led found{};
    events.wait([&] {
      for (const Events::Led& led : events.leds) {
        if (led.handle == handle) found = led;
      }
      return found.handle == handle;
    });
    return found;
  }
  std::shared_ptr<Partition> at(uint32_t handle) { return partitions->table().find(abi::PartitionHandle{handle, 1}); }

  FileSystem& files;
  PartitionsOptions options;
  SystemClock system_clock;
  const Clock& clock;
  Counters counters;
  Events events;
  OpenFailure failure;
  std::unique_ptr<Partitions> partitions;
};

// What the threads that keep house had begun is done: all of them are here.
inline void until_kept(Lane& lane) {
  const auto meeting = std::make_shared<std::latch>(static_cast<ptrdiff_t>(keeping_threads_max) + 1);
  for (size_t i = 0; i < keeping_threads_max; i++) lane.keep([meeting] { meeting->arrive_and_wait(); });
  meeting->arrive_and_wait();
}

// Places `count` batches and waits for them.
inline void produce(Plane& plane, uint32_t handle, int16_t acks, size_t count, FakeOwner& owner) {
  std::vector<std::unique_ptr<TestAppend>> kept;
  const auto partition = plane.at(handle);
  for (size_t i = 0; i < count; i++) {
    kept.push_back(make_append(owner, acks));
    REQUIRE(is_placed(owner.place(*partition, *kept.back())));
  }
  owner.run_until(count);
  for (const auto& append : kept) CHECK_EQ(append->error, KafkaError::none);
}

}  // namespace milena::test
