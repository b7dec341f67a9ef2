// The compression of a record batch: the low three attribute bits.
#pragma once
#include <cstdint>

namespace milena {

enum class Compression : uint8_t { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };

inline constexpr uint8_t compression_id_max = 4;  // 5 to 7 exist in the bits only

// Levels as the topic configs name them (KIP-780): gzip -1 or 1..9, lz4 1..17, zstd -131072..22.
struct CompressionLevels {
  int32_t gzip = -1;
  int32_t lz4 = 9;
  int32_t zstd = 3;
};

inline int32_t level_of(Compression codec, const CompressionLevels& levels) {
  switch (codec) {
    case Compression::gzip: return levels.gzip;
    case Compression::lz4: return levels.lz4;
    case Compression::zstd: return levels.zstd;
    case Compression::snappy:
    case Compression::none: break;
  }
  return 0;
}

}  // namespace milena
