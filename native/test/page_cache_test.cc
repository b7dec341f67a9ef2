// What is in memory, what is on its way there, and what reading one stretch begins behind it.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "check.h"
#include "os/posix_file.h"
#include "plane/page_cache.h"
#include "test/scratch_folder.h"

namespace milena::test {
namespace {

constexpr size_t mebibyte = 1 << 20;
constexpr size_t mebibytes = 12;

struct ColdFile {
  ScratchFolder folder{"page-cache"};
  PosixFileSystem files;
  std::unique_ptr<SegmentFile> file;

  ColdFile() {
    auto opened = files.open(folder.path() + "/a.log", OpenMode::create);
    REQUIRE(opened);
    const std::vector<std::byte> piece(mebibyte, std::byte{7});
    for (size_t i = 0; i < mebibytes; i++) REQUIRE((*opened)->write_at(i * mebibyte, piece));
    REQUIRE((*opened)->sync());
    file = std::make_unique<SegmentFile>(std::move(*opened));
  }
  bool drop() {
    ::posix_fadvise(file->descriptor(), 0, 0, POSIX_FADV_DONTNEED);
    return !is_cached(*file, 0, mebibyte);
  }
};

// A reader of cold bytes waits for its own only; those behind are asked for, and are nobody's until they have been waited for.
void what_follows_is_on_its_way() {
  ColdFile cold;
  CHECK(is_cached(*cold.file, 0, mebibytes * mebibyte));
  if (!cold.drop()) {
    // On file systems in memory nothing is ever cold, and nothing is read ahead.
    warm(*cold.file, 0, mebibyte);
    CHECK(is_cached(*cold.file, mebibyte, mebibyte));
    std::printf("page_cache_test: pages cannot be dropped here\n");
    return;
  }
  for (size_t at = 0; at < mebibytes; at++) {
    CHECK(!is_cached(*cold.file, at * mebibyte, mebibyte));
    warm(*cold.file, at * mebibyte, mebibyte);
    CHECK(is_cached(*cold.file, at * mebibyte, mebibyte));
    const uint64_t until = cold.file->read_ahead().until();
    CHECK_EQ(until, std::min(at + 5, mebibytes) * mebibyte);  // and never past the end
  }
  // All of it is there now: whoever comes next waits for nobody.
  for (size_t at = 0; at < mebibytes; at++) CHECK(is_cached(*cold.file, at * mebibyte, mebibyte));
}

// Little is asked for, little is read: many partitions of which a consumer wants a page each must not read megabytes.
void a_small_reader_reads_little_ahead() {
  ColdFile cold;
  if (!cold.drop()) return;
  warm(*cold.file, 3 * mebibyte, 2048);
  CHECK_EQ(cold.file->read_ahead().until(), 3 * mebibyte + 5 * 2048);
}

// One that reads what is in memory, behind one that did not.
void what_is_in_memory_stays_so() {
  ColdFile cold;
  if (!cold.drop()) return;
  warm(*cold.file, 0, mebibytes * mebibyte);
  CHECK(is_cached(*cold.file, 0, mebibytes * mebibyte));
  warm(*cold.file, 0, mebibyte);
  CHECK(is_cached(*cold.file, mebibyte, mebibyte));
  CHECK(is_cached(*cold.file, 0, mebibytes * mebibyte));
}

}  // namespace
}  // namespace milena::test

int main() {
  milena::test::what_follows_is_on_its_way();
  milena::test::a_small_reader_reads_little_ahead();
  milena::test::what_is_in_memory_stays_so();
  return milena::test::check_result();
}
