#include "log/cleaning_pacer.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace milena {
namespace {

constexpr auto look_interval = std::chrono::milliseconds(20);  // how soon a cancel is seen
constexpr auto measure_interval = std::chrono::seconds(1);     // what was not used before is not saved up

}  // namespace

void CleaningPacer::pace(uint64_t bytes) {
  if (bytes_per_second_ < 0) return;
  bytes_ += bytes;
  const auto due = begun_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(static_cast<double>(bytes_) / static_cast<double>(std::max<int64_t>(bytes_per_second_, 1))));
  std::mutex mutex;
  std::condition_variable nobody;
  std::unique_lock lock(mutex);
  for (auto now = Clock::now(); now < due && !cancelled_(); now = Clock::now()) nobody.wait_until(lock, std::min(due, now + look_interval));
  if (Clock::now() - begun_ < measure_interval) return;
  begun_ = Clock::now();
  bytes_ = 0;
}

}  // namespace milena
