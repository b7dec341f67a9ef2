// One turn of a partition's drainer, between taking batches and answering them. Owner: the thread that drains.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "log/append_run.h"
#include "plane/append.h"

namespace milena {

inline constexpr uint64_t gather_bytes_max = 1 << 20;  // one gather of a drainer; a larger batch is gathered alone
inline constexpr size_t gather_batches_max = 1024;     // IOV_MAX

struct DrainTurn {
  DrainTurn() {}  // the arrays are filled as far as they are used
  DrainTurn(const DrainTurn&) = delete;
  std::span<Append* const> taken() const { return {batches.data(), count}; }
  void reset() {
    count = entry_count = 0;
    run.reset();
    write.reset();
    is_written = false;
    status = {};
  }

  std::array<Append*, gather_batches_max> batches;
  size_t count = 0;
  std::array<AppendEntry*, gather_batches_max> entries;  // those that may be written
  size_t entry_count = 0;
  LogEnds before;
  Status status;
  std::optional<AppendRun> run;
  std::optional<PendingWrite> write;
  bool is_written = false;  // by whoever gathered several turns: write->outcome says how it went
};

}  // namespace milena
