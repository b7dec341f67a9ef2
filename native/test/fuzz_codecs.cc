// Any bytes as compressed data, and any bytes through a codec and back. The first byte chooses the codec, the second the reading step.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "wire/codec.h"

using namespace milena;

namespace {

constexpr size_t output_max = size_t{4} << 20;  // bombs are not worth the time

// What comes out, and whether it ended well.
bool unpack(Decompressor& from, Bytes packed, size_t step, std::vector<std::byte>& out) {
  std::vector<std::byte> part(step);
  from.start(packed);
  while (out.size() < output_max) {
    const Result<size_t> got = from.read(part);
    if (!got) return false;
    if (*got == 0) return true;
    if (*got > step) std::abort();
    out.insert(out.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(*got));
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  static CodecScratch scratch;
  const auto codec = static_cast<Compression>(1 + data[0] % 4);
  const size_t step = 1 + size_t{data[1]} * 64;
  std::vector<std::byte> input(size - 2);
  for (size_t i = 0; i < input.size(); i++) input[i] = static_cast<std::byte>(data[2 + i]);

  std::vector<std::byte> unpacked;
  const bool understood = unpack(scratch.decompressor(codec), input, step, unpacked);

  std::vector<std::byte> packed, again;
  Compressor& compressor = scratch.compressor(codec);
  compressor.start(1 + data[0] % 9, packed);
  compressor.write(input);
  compressor.finish();
  if (!unpack(scratch.decompressor(codec), packed, step, again) || again != input) std::abort();
  return understood ? 1 : 0;
}
