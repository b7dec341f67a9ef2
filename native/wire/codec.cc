#include "wire/codec.h"

#include <array>
#include <cstdlib>

#include "wire/codecs.h"

namespace milena {

namespace {

constexpr size_t window_size = size_t{64} * 1024;

size_t index_of(Compression codec) { return static_cast<size_t>(codec); }

std::unique_ptr<Decompressor> make_decompressor(Compression codec) {
  switch (codec) {
    case Compression::gzip: return make_gzip_decompressor();
    case Compression::snappy: return make_snappy_decompressor();
    case Compression::lz4: return make_lz4_decompressor();
    case Compression::zstd: return make_zstd_decompressor();
    case Compression::none: break;
  }
  std::abort();
}

std::unique_ptr<Compressor> make_compressor(Compression codec) {
  switch (codec) {
    case Compression::gzip: return make_gzip_compressor();
    case Compression::snappy: return make_snappy_compressor();
    case Compression::lz4: return make_lz4_compressor();
    case Compression::zstd: return make_zstd_compressor();
    case Compression::none: break;
  }
  std::abort();
}

}  // namespace

struct CodecScratch::Parts {
  std::array<std::unique_ptr<Decompressor>, compression_id_max + 1> decompressors;
  std::array<std::unique_ptr<Compressor>, compression_id_max + 1> compressors;
  std::unique_ptr<std::byte[]> window;
};

CodecScratch::CodecScratch() : parts_(std::make_unique<Parts>()) {}
CodecScratch::~CodecScratch() = default;

Decompressor& CodecScratch::decompressor(Compression codec) {
  auto& slot = parts_->decompressors[index_of(codec)];
  if (!slot) slot = make_decompressor(codec);
  return *slot;
}

Compressor& CodecScratch::compressor(Compression codec) {
  auto& slot = parts_->compressors[index_of(codec)];
  if (!slot) slot = make_compressor(codec);
  return *slot;
}

MutableBytes CodecScratch::window() {
  if (!parts_->window) parts_->window = std::make_unique<std::byte[]>(window_size);
  return {parts_->window.get(), window_size};
}

}  // namespace milena
