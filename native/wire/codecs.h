// Makers of the four codecs, one file each; what they share is codec.h. Only codec.cc and tests include this.
#pragma once
#include <memory>

#include "wire/codec.h"

namespace milena {

std::unique_ptr<Decompressor> make_gzip_decompressor();
std::unique_ptr<Decompressor> make_snappy_decompressor();
std::unique_ptr<Decompressor> make_lz4_decompressor();
std::unique_ptr<Decompressor> make_zstd_decompressor();

std::unique_ptr<Compressor> make_gzip_compressor();
std::unique_ptr<Compressor> make_snappy_compressor();
std::unique_ptr<Compressor> make_lz4_compressor();
std::unique_ptr<Compressor> make_zstd_compressor();

}  // namespace milena
