// Whether bytes of a file are in memory, so that a reactor never sleeps on a disk.
#pragma once
#include <cstdint>

#include "log/segment_file.h"

namespace milena {

// True when the range can be read without waiting for a disk, or when the system cannot tell. Never sleeps. What is being read ahead of need
// counts as missing.
bool is_cached(SegmentFile& file, uint64_t position, size_t size);

enum class QuickRead : uint8_t { done, cold, failed };

// Reads exactly `into.size()` bytes if that needs no disk.
QuickRead read_cached(const SegmentFile& file, uint64_t position, MutableBytes into);

// Brings the range into memory, and has the disk begin with what follows, so that it works while this is sent. Sleeps: not for reactors.
void warm(SegmentFile& file, uint64_t position, size_t size);

}  // namespace milena
