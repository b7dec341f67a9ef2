// milena-bench: the load generator behind `milena bench`. It speaks the public protocol, so any Kafka broker can be measured,
// and costs almost nothing: batches are built once and sent again and again, answers are read as far as their error codes.
#include <cstdio>

#include "bench/run.h"

int main(int count, char** arguments) {
  milena::bench::Options options;
  std::string problem;
  if (!milena::bench::read_options(count, arguments, options, problem)) {
    std::fprintf(stderr, "milena-bench: %s\n", problem.c_str());
    return 2;
  }
  return milena::bench::run(options);
}
