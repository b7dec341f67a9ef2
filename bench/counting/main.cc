// Takes what it gets of one processor and does nothing with it, until it is killed; it steps back for others as a cleaning thread does.
#include <cstdint>

#include "os/background_thread.h"

int main() {
  milena::become_background_thread();
  for (volatile uint64_t counted = 0;;) counted = counted + 1;
}
