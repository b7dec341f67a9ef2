// Runs a load and prints it: a line of JSON every second, and one with the whole at the end.
#pragma once
#include "bench/options.h"

namespace milena::bench {

// The exit code of the process: 0 when every request was answered without an error.
int run(const Options& options);

}  // namespace milena::bench
