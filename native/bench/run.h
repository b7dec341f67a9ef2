// Runs a load from beginning to end and prints what it saw.
#pragma once
#include "bench/options.h"

namespace milena::bench {

// The exit code of the process: 0 when every request was answered without an error.
int run(const Options& options);

}  // namespace milena::bench
