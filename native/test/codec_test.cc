// The codecs: what goes in comes out at every size, level and reading step; foreign streams are read; malformed ones are errors.
#include "wire/codec.h"

#include <zstd.h>

#include "test/batch_builder.h"
#include "test/check.h"
#include "wire/snappy_block.h"

using namespace milena;
using namespace milena::test;

namespace {

constexpr Compression codecs[] = {Compression::gzip, Compression::snappy, Compression::lz4, Compression::zstd};

struct Unpacked {
  Buffer bytes;
  bool ok = true;
};

Unpacked unpack(Decompressor& from, Bytes packed, size_t step) {
  Unpacked out;
  from.start(packed);
  Buffer part(step);
  for (;;) {
    const Result<size_t> got = from.read(part);
    out.ok = static_cast<bool>(got);
    if (!got || *got == 0) return out;
    out.bytes.insert(out.bytes.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(*got));
  }
}

Buffer sample(std::mt19937_64& random, size_t size, bool compressible) {
  Buffer out;
  if (compressible) append(out, sample_text(random, size));
  else for (size_t i = 0; i < size; i++) out.push_back(static_cast<std::byte>(random()));
  return out;
}

void round_trips() {
  std::mt19937_64 random(5);
  CodecScratch scratch;
  for (Compression codec : codecs) {
    for (size_t size : {0, 1, 3, 100, 32'767, 32'768, 32'769, 65'536, 65'537, 300'000}) {
      for (bool compressible : {true, false}) {
        const Buffer plain = sample(random, size, compressible);
        const Buffer packed = compressed(codec, plain);
        if (compressible && size > 1'000) CHECK(packed.size() < plain.size());
        for (size_t step : {size_t{1}, size_t{777}, size_t{65'536}}) {
          if (step == 1 && size > 1'000) continue;
          const Unpacked got = unpack(scratch.decompressor(codec), packed, step);
          CHECK(got.ok && got.bytes == plain);
        }
      }
    }
  }
}

void levels() {
  std::mt19937_64 random(6);
  const Buffer plain = sample(random, 150'000, true);
  CodecScratch scratch;
  const std::pair<Compression, std::vector<int32_t>> cases[] = {
      {Compression::gzip, {-1, 1, 6, 9}}, {Compression::lz4, {1, 9, 12, 17}}, {Compression::zstd, {-131072, -5, 1, 3, 19}}};
  for (const auto& [codec, all] : cases) {
    for (int32_t level : all) {
      const Unpacked got = unpack(scratch.decompressor(codec), compressed(codec, plain, level), 4'096);
      CHECK(got.ok && got.bytes == plain);
    }
  }
  CHECK(compressed(Compression::gzip, plain, 9).size() < compressed(Compression::gzip, plain, 1).size());
  CHECK(compressed(Compression::lz4, plain, 17).size() < compressed(Compression::lz4, plain, 9).size());
}

// The same output however the input was cut up.
void writing_in_parts() {
  std::mt19937_64 random(8);
  const Buffer plain = sample(random, 200'000, true);
  CodecScratch scratch;
  for (Compression codec : codecs) {
    Buffer out;
    Compressor& compressor = scratch.compressor(codec);
    compressor.start(3, out);
    for (size_t at = 0; at < plain.size();) {
      const size_t part = std::min<size_t>(1 + random() % 9'000, plain.size() - at);
      compressor.write(Bytes(plain).subspan(at, part));
      at += part;
    }
    compressor.finish();
    const Unpacked got = unpack(scratch.decompressor(codec), out, 65'536);
    CHECK(got.ok && got.bytes == plain);
  }
}

void truncation_and_damage() {
  std::mt19937_64 random(9);
  CodecScratch scratch;
  const Buffer plain = sample(random, 5'000, true);
  for (Compression codec : codecs) {
    const Buffer packed = compressed(codec, plain);
    for (size_t size = 0; size < packed.size(); size += 1 + size / 16) {
      const Unpacked got = unpack(scratch.decompressor(codec), Bytes(packed).first(size), 65'536);
      CHECK(got.bytes.size() <= plain.size() && (!got.ok || got.bytes.size() < plain.size()));
    }
    for (int i = 0; i < 200; i++) {
      Buffer damaged = packed;
      damaged[random() % damaged.size()] ^= static_cast<std::byte>(1 + random() % 255);
      const Unpacked got = unpack(scratch.decompressor(codec), damaged, 65'536);
      if (codec == Compression::gzip) CHECK(!got.ok || got.bytes == plain || got.bytes.size() < plain.size());
    }
    const Unpacked again = unpack(scratch.decompressor(codec), packed, 65'536);
    CHECK(again.ok && again.bytes == plain);  // a failure leaves nothing behind
  }
}

void joined_streams() {
  std::mt19937_64 random(10);
  CodecScratch scratch;
  const Buffer first = sample(random, 400, true), second = sample(random, 300, false);
  for (Compression codec : {Compression::gzip, Compression::snappy, Compression::zstd}) {
    Buffer packed = compressed(codec, first);
    const Buffer more = compressed(codec, second);
    packed.insert(packed.end(), more.begin(), more.end());
    Buffer wanted = first;
    wanted.insert(wanted.end(), second.begin(), second.end());
    const Unpacked got = unpack(scratch.decompressor(codec), packed, 100);
    CHECK(got.ok && got.bytes == wanted);
  }
  Buffer gzip = compressed(Compression::gzip, first);
  gzip.insert(gzip.end(), 40, std::byte{0});  // padding is no member
  const Unpacked padded = unpack(scratch.decompressor(Compression::gzip), gzip, 100);
  CHECK(padded.ok && padded.bytes == first);
}

Buffer raw(std::initializer_list<int> values) {
  Buffer out;
  for (int value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

// By hand, after the format's description.
void snappy_blocks() {
  const auto unpacked = [](const Buffer& packed) -> std::optional<std::string> {
    Buffer out;
    if (!snappy_unpack(packed, out)) return std::nullopt;
    return std::string(reinterpret_cast<const char*>(out.data()), out.size());
  };
  CHECK(unpacked(raw({0})) == "");
  CHECK(unpacked(raw({3, 2 << 2, 'a', 'b', 'c'})) == "abc");
  CHECK(unpacked(raw({8, 0, 'a', (3 << 2) | 1, 1, 2 << 2, 'x', 'y', 'z'})) == std::nullopt);       // one byte short of the length
  CHECK(unpacked(raw({11, 0, 'a', (3 << 2) | 1, 1, 2 << 2, 'x', 'y', 'z'})) == "aaaaaaaaxyz");     // a run: offset 1
  CHECK(unpacked(raw({6, 2 << 2, 'a', 'b', 'c', (2 << 2) | 2, 3, 0})) == "abcabc");                // two-byte offset
  CHECK(unpacked(raw({6, 2 << 2, 'a', 'b', 'c', (2 << 2) | 3, 3, 0, 0, 0})) == "abcabc");          // four-byte offset
  CHECK(unpacked(raw({3, 60 << 2, 2, 'a', 'b', 'c'})) == "abc");                                   // literal with its length behind
  CHECK(unpacked(raw({6, 2 << 2, 'a', 'b', 'c', (2 << 2) | 2, 4, 0})) == std::nullopt);            // reaches before the beginning
  CHECK(unpacked(raw({6, 2 << 2, 'a', 'b', 'c', (2 << 2) | 2, 0, 0})) == std::nullopt);            // offset 0
  CHECK(unpacked(raw({0xff, 0xff, 0xff, 0xff, 0x0f, 0, 'a'})) == std::nullopt);                    // 4 GB claimed by two bytes
  CHECK(unpacked(raw({})) == std::nullopt);
  CodecScratch scratch;
  Buffer block;
  snappy_pack(raw({'r', 'a', 'w'}), block);
  const Unpacked got = unpack(scratch.decompressor(Compression::snappy), block, 10);
  CHECK(got.ok && got.bytes == raw({'r', 'a', 'w'}));  // without xerial's framing
}

// Damage anywhere in the descriptor is seen; the end mark is required, what follows it is not looked at.
void lz4_frames() {
  CodecScratch scratch;
  const Buffer plain = raw({'a', 'b', 'c'});
  Buffer packed = compressed(Compression::lz4, plain);
  const auto ok = [&](const Buffer& frame) { return unpack(scratch.decompressor(Compression::lz4), frame, 10).ok; };
  CHECK(ok(packed));
  for (size_t at = 0; at < 7; at++) {
    Buffer damaged = packed;
    damaged[at] ^= std::byte{0x40};
    CHECK(!ok(damaged));
  }
  Buffer no_end = packed;
  no_end.resize(no_end.size() - 4);
  CHECK(!ok(no_end));
  Buffer trailing = packed;
  trailing.push_back(std::byte{9});
  CHECK(ok(trailing));  // Kafka stops at the end mark
}

// A frame that asks for a large window, and one whose content is far larger than itself, cost what is read.
void bombs() {
  const Buffer zeros(64 << 20);
  Buffer packed(ZSTD_compressBound(zeros.size()));
  packed.resize(ZSTD_compress(packed.data(), packed.size(), zeros.data(), zeros.size(), 19));
  CodecScratch scratch;
  Decompressor& from = scratch.decompressor(Compression::zstd);
  from.start(packed);
  Buffer part(65'536);
  uint64_t total = 0;
  for (Result<size_t> got = from.read(part); got && *got > 0; got = from.read(part)) total += *got;
  CHECK_EQ(total, zeros.size());
}

}  // namespace

int main() {
  round_trips();
  levels();
  writing_in_parts();
  truncation_and_damage();
  joined_streams();
  snappy_blocks();
  lz4_frames();
  bombs();
  return check_result();
}
