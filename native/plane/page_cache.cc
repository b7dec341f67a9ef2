#include "plane/page_cache.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

namespace milena {

namespace {

// cachestat(2), Linux 6.5; the number is the same on every architecture. Older headers do not know it.
constexpr long cachestat_number = 451;
struct CachestatRange { uint64_t offset; uint64_t length; };
struct Cachestat { uint64_t cached, dirty, writeback, evicted, recently_evicted; };

constexpr uint64_t page_bytes = 4096;           // of the smallest page there is; larger ones are counted as larger multiples
constexpr uint64_t probe_step_bytes = 128 * 1024;  // without cachestat: one page in so many is probed
constexpr size_t warm_bytes = 1 << 20;          // read at once while warming

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

}  // namespace

bool is_cached(const SegmentFile& file, uint64_t position, size_t size) {
  const int fd = file.descriptor();
  if (fd < 0 || size == 0) return true;
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

void warm(const SegmentFile& file, uint64_t position, size_t size) {
  const int fd = file.descriptor();
  if (fd < 0) return;
  ::posix_fadvise(fd, static_cast<off_t>(position), static_cast<off_t>(size), POSIX_FADV_WILLNEED);
  std::vector<std::byte> sink(std::min(size, warm_bytes));
  while (size > 0) {
    // A failing disk shows when the range is sent; here it only ends the warming.
    const Result<size_t> got = file.read_at(position, MutableBytes(sink).first(std::min(size, sink.size())));
    if (!got || *got == 0) return;
    position += *got;
    size -= *got;
  }
}

}  // namespace milena
