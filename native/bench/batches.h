// Record batches v2 as producers make them, built once and sent many times.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/types.h"
#include "bench/options.h"

namespace milena::bench {

struct Batch {
  std::vector<std::byte> bytes;
  int32_t records = 0;
  size_t plain_bytes = 0;  // its size without compression
};

// Batches as `options` want them, stamped with `now_ms`: one with random letters, or several with what the data file holds, so
// that a compressor's work is not always the same. None on failure, and `problem` says why.
std::vector<Batch> build_batches(const Options& options, int64_t now_ms, std::string& problem);

// The only record's value lies here in a batch of one record without compression, headers and key.
MutableBytes only_value(std::vector<std::byte>& batch, int32_t record_bytes);

}  // namespace milena::bench
