#include "os/background_thread.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

namespace milena {

namespace {

constexpr int background_nice = 10;
// The shortest that Linux takes (6.12 and newer); a thread that wakes waits until the slice of the one that runs is over.
constexpr uint64_t slice_ns = 100'000;

constexpr uint64_t keep_policy = 0x08;  // SCHED_FLAG_KEEP_POLICY: whoever started the broker may have chosen another

// sched_setattr(2), as it was in the beginning (SCHED_ATTR_SIZE_VER0). Older C libraries have no wrapper for it.
struct SchedAttributes {
  uint32_t size = sizeof(SchedAttributes);
  uint32_t policy = 0;
  uint64_t flags = 0;
  int32_t nice = 0;
  uint32_t priority = 0;
  uint64_t runtime = 0;  // of SCHED_OTHER: the slice; ignored before 6.12
  uint64_t deadline = 0;
  uint64_t period = 0;
};
static_assert(sizeof(SchedAttributes) == 48);

}  // namespace

void become_background_thread() {
  SchedAttributes wanted;
  wanted.nice = std::max(background_nice, ::getpriority(PRIO_PROCESS, 0));  // on Linux: of this thread
  wanted.runtime = slice_ns;
  wanted.flags = keep_policy;
  if (::syscall(SYS_sched_setattr, 0, &wanted, 0) != 0) ::setpriority(PRIO_PROCESS, 0, wanted.nice);
}

}  // namespace milena
