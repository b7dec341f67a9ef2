// CRC32C (Castagnoli), the checksum of record batches. The fastest form this machine has is picked when the library is loaded.
#pragma once
#include <cstdint>
#include <span>

#include "base/types.h"

namespace milena {

// The CRC of `bytes`, continued from `seed` (the CRC of what precedes them; 0 at the start).
uint32_t crc32c(Bytes bytes, uint32_t seed = 0);

// One way of computing it; all give the same result.
struct Crc32cForm {
  const char* name;
  uint32_t (*run)(Bytes bytes, uint32_t seed);
};

// Every form this machine can run, fastest first, the portable one last.
std::span<const Crc32cForm> crc32c_forms();

}  // namespace milena
