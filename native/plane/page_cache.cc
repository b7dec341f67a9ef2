#include "plane/page_cache.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace milena {

namespace {

// cachestat(2), Linux 6.5; the number is the same on every architecture. Older headers do not know it.
constexpr long cachestat_number = 451;
struct CachestatRange { uint64_t offset; uint64_t length; };
struct Cachestat { uint64_t cached, dirty, writeback, evicted, recently_evicted; };

constexpr uint64_t page_bytes = 4096;           // of the smallest page there is; larger ones are counted as larger multiples
constexpr uint64_t probe_step_bytes = 128 * 1024;  // without cachestat: one page in so many is probed
constexpr size_t warm_bytes = 64 * 1024;        // read at once while warming: what nobody looks at stays in a core's own cache
constexpr uint64_t ahead_factor = 4;            // so many times what was asked for is read ahead
constexpr uint64_t ahead_bytes_max = 4 << 20;

bool has_pages(int fd, uint64_t position, size_t size, bool& known) {
  const uint64_t first = position / page_bytes * page_bytes;
  const uint64_t last = (position + size + page_bytes - 1) / page_bytes * page_bytes;
  CachestatRange range{first, last - first};
  Cachestat found{};
  known = ::syscall(cachestat_number, fd, &range, &found, 0) == 0;
  return known && found.cached * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE)) >= range.length;
}

bool probe(int fd, uint64_t position) {
  std::byte byte{};
  const iovec slice{&byte, 1};
  return ::preadv2(fd, &slice, 1, static_cast<off_t>(position), RWF_NOWAIT) == 1 || errno != EAGAIN;
}

// Whether something must be read is asked of the system first: a reader of what is in memory has nobody wait for a disk. Where the system
// cannot say (before Linux 6.5) nothing is read ahead.
void begin_what_follows(SegmentFile& file, int fd, uint64_t from, uint64_t size) {
  ReadAhead& ahead = file.read_ahead();
  const uint64_t begun = ahead.overlaps(from, size) ? ahead.until() : from;
  const Result<uint64_t> end = file.file().size();
  const uint64_t until = std::min(from + std::min(size * ahead_factor, ahead_bytes_max), end ? *end : 0);
  bool known = false;
  if (begun >= until || has_pages(fd, begun, until - begun, known) || !known) return ahead.set(from, begun);
  ::posix_fadvise(fd, static_cast<off_t>(begun), static_cast<off_t>(until - begun), POSIX_FADV_WILLNEED);
  ahead.set(from, until);
}

}  // namespace

bool is_cached(SegmentFile& file, uint64_t position, size_t size) {
  const int fd = file.descriptor();
  if (fd < 0 || size == 0) return true;
  if (file.read_ahead().overlaps(position, size)) return false;
  bool known = false;
  const bool all = has_pages(fd, position, size, known);
  if (known) return all;
  for (uint64_t at = position; at < position + size; at += probe_step_bytes)
    if (!probe(fd, at)) return false;
  return probe(fd, position + size - 1);
}

QuickRead read_cached(const SegmentFile& file, uint64_t position, MutableBytes into) {
  const Result<size_t> got = file.file().read_in_memory(position, into);
  if (!got && got.why().code == Errc::would_wait) return QuickRead::cold;
  return got && *got == into.size() ? QuickRead::done : QuickRead::failed;
}

void warm(SegmentFile& file, uint64_t position, size_t size) {
  const int fd = file.descriptor();
  if (fd < 0) return;
  ::posix_fadvise(fd, static_cast<off_t>(position), static_cast<off_t>(size), POSIX_FADV_WILLNEED);
  begin_what_follows(file, fd, position + size, size);
  std::array<std::byte, warm_bytes> sink;
  while (size > 0) {
    // A failing disk shows when the range is sent; here it only ends the warming.
    const Result<size_t> got = file.read_at(position, MutableBytes(sink).first(std::min(size, sink.size())));
    if (!got || *got == 0) return;
    position += *got;
    size -= *got;
  }
}

}  // namespace milena
