// disk_backends_main FOLDER SECONDS: what each way to the disk costs on the file system of FOLDER, as JSON lines. The ways take turns, so that
// whatever else the machine does hits all of them. Behind `npm run bench -- backends`.
#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "os/file_system_flush.h"
#include "os/posix_file.h"
#include "os/ring_writes.h"
#include "plane/ring_sync.h"
#include "test/check.h"

using namespace milena;

namespace {

constexpr uint64_t dirty_bytes = 16 << 10;       // of each file, before each group commit
constexpr uint64_t file_bytes_max = 64 << 20;    // then it is written from its front again
constexpr size_t rounds_min = 5;

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

struct BenchFile final : Syncable {
  explicit BenchFile(std::unique_ptr<File> on) : file(std::move(on)) {}
  SyncStart begin_sync() override { return {file.get(), false}; }
  Status sync() override { return file->sync(); }
  void synced(Status status) override { REQUIRE(status); }
  uint64_t place(uint64_t bytes) {
    if (position + bytes > file_bytes_max) position = 0;
    return std::exchange(position, position + bytes);
  }
  std::unique_ptr<File> file;
  uint64_t position = 0;
};

struct Way {
  std::string name;
  std::function<void()> run;
  std::vector<double> seconds{};
  double cpu = 0;
};

// Runs the ways in turn, each after `prepare`, for about as long as asked.
void take_turns(std::vector<Way>& ways, double seconds, const std::function<void()>& prepare) {
  const SystemClock clock;
  const int64_t until = clock.monotonic_ns() + static_cast<int64_t>(seconds * 1e9);
  for (size_t round = 0; round < rounds_min || clock.monotonic_ns() < until; round++) {
    for (Way& way : ways) {
      prepare();
      const double cpu = cpu_seconds();
      const int64_t began = clock.monotonic_ns();
      way.run();
      way.seconds.push_back(static_cast<double>(clock.monotonic_ns() - began) / 1e9);
      way.cpu += cpu_seconds() - cpu;
    }
  }
  for (Way& way : ways) std::sort(way.seconds.begin(), way.seconds.end());
}

void print(const char* kind, size_t files, uint64_t bytes, const Way& way) {
  const auto at = [&](double share) { return way.seconds[static_cast<size_t>(share * static_cast<double>(way.seconds.size() - 1))] * 1e3; };
  std::printf("{\"kind\":\"%s\",\"files\":%zu,\"bytes\":%llu,\"backend\":\"%s\",\"rounds\":%zu,\"p50Ms\":%.4f,\"p90Ms\":%.4f,\"cpuMs\":%.4f}\n", kind, files,
              static_cast<unsigned long long>(bytes), way.name.c_str(), way.seconds.size(), at(.5), at(.9),
              way.cpu * 1e3 / static_cast<double>(way.seconds.size()));
  std::fflush(stdout);
}

std::unique_ptr<Ring> a_ring() {
  auto ring = Ring::open(ring_syncs_max);
  return ring ? std::move(*ring) : nullptr;
}

void group_commits(std::span<const std::shared_ptr<BenchFile>> files, const std::string& folder, double seconds) {
  const std::vector<std::byte> payload(dirty_bytes, std::byte{'x'});
  const auto prepare = [&] {
    for (const auto& file : files) REQUIRE(file->file->write_at(file->place(dirty_bytes), payload));
  };
  const std::vector<std::shared_ptr<Syncable>> round(files.begin(), files.end());
  RoundSync threads(sync_threads_max);
  std::vector<Way> ways;
  ways.push_back({"threads", [&] { threads.run(round); }});
  std::unique_ptr<RoundSync> by_ring;
  std::unique_ptr<RingSync> bare;
  std::vector<BegunSync> begun;
  for (const auto& file : files) begun.push_back({file.get(), file->file->descriptor()});
  if (auto ring = a_ring()) {
    by_ring = std::make_unique<RoundSync>(sync_threads_max, std::make_unique<RingSync>(std::move(ring)));
    bare = std::make_unique<RingSync>(a_ring());
    ways.push_back({"io_uring", [&] { by_ring->run(round); }});
    ways.push_back({"io_uring, only the fdatasyncs", [&] { bare->run(begun); }});
  }
  auto flush = FileSystemFlush::open(folder);
  if (flush) ways.push_back({"syncfs", [&] { REQUIRE((*flush)->run()); }});
  take_turns(ways, seconds, prepare);
  for (const Way& way : ways) print("sync", files.size(), dirty_bytes, way);
}

void appends(std::span<const std::shared_ptr<BenchFile>> files, uint64_t bytes, double seconds) {
  std::vector<std::byte> payload(bytes, std::byte{'y'});
  const iovec slice{payload.data(), payload.size()};
  std::vector<PendingWrite> writes(files.size());
  const auto prepare = [&] {
    for (size_t i = 0; i < files.size(); i++) writes[i] = {files[i]->file.get(), files[i]->place(bytes), std::span(&slice, 1), {}};
  };
  PlainWrites plain;
  std::unique_ptr<RingWrites> by_ring;
  std::vector<Way> ways;
  ways.push_back({"pwritev", [&] { plain.run(writes); }});
  if (auto ring = a_ring()) {
    by_ring = std::make_unique<RingWrites>(std::move(ring));
    ways.push_back({"io_uring", [&] { by_ring->run(writes); }});
  }
  take_turns(ways, seconds, prepare);
  for (const Way& way : ways) print("append", files.size(), bytes, way);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3 || std::atof(arguments[2]) <= 0) {
    std::fprintf(stderr, "disk_backends_main FOLDER SECONDS (of each case)\n");
    return 2;
  }
  const std::string folder = arguments[1];
  const double seconds = std::atof(arguments[2]);
  PosixFileSystem disk;
  std::vector<std::shared_ptr<BenchFile>> files;
  for (size_t i = 0; i < 500; i++) {
    auto file = disk.open(folder + "/" + std::to_string(i), OpenMode::create_new);
    REQUIRE(file);
    files.push_back(std::make_shared<BenchFile>(std::move(*file)));
  }
  const std::span<const std::shared_ptr<BenchFile>> all(files);
  for (const size_t some : {1u, 10u, 100u, 500u}) group_commits(all.first(some), folder, seconds);
  for (const size_t some : {2u, 8u, 32u}) {
    for (const uint64_t bytes : {4u << 10, 64u << 10}) appends(all.first(some), bytes, seconds);
  }
  for (size_t i = 0; i < files.size(); i++) static_cast<void>(disk.remove(folder + "/" + std::to_string(i)));
  return milena::test::check_result();
}
