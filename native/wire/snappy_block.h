// The raw snappy format (google/snappy's format_description): a length, then literals and copies. Of our own, because it is small.
#pragma once
#include <vector>

#include "base/types.h"

namespace milena {

// Appends what `packed` stands for to `out`. False: malformed; `out` then holds a part. Never allocates more than a stream of this size
// can expand to.
bool snappy_unpack(Bytes packed, std::vector<std::byte>& out);

inline constexpr size_t snappy_block_size_max = size_t{64} * 1024;

// Appends the packed form of `plain` (at most snappy_block_size_max bytes) to `out`.
void snappy_pack(Bytes plain, std::vector<std::byte>& out);

}  // namespace milena
