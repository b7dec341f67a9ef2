// Connections that do nothing: opened many at a time, each answered once, then left alone.
#pragma once
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/unique_fd.h"
#include "bench/options.h"

namespace milena::bench {

class IdleConnections {
 public:
  // Opens `count` connections to `target`; returns what failed, in words, or nothing.
  std::string open(const Target& target, size_t count, const Clock& clock);

  // How many the broker has closed, or written to, since.
  size_t disturbed() const;

  size_t count() const { return open_.size(); }

 private:
  std::vector<UniqueFd> open_;
};

}  // namespace milena::bench
