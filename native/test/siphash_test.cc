// The reference's own vectors: key 00 01 .. 0f, input 00 01 .. (n - 1).
#include <cstring>
#include <vector>

#include "base/siphash.h"
#include "test/check.h"

using namespace milena;

namespace {

Digest128 hash_of(size_t size, size_t piece) {
  std::vector<std::byte> input(size);
  for (size_t i = 0; i < size; i++) input[i] = static_cast<std::byte>(i);
  SipHash128 hash({0x0706050403020100u, 0x0f0e0d0c0b0a0908u});
  for (size_t at = 0; at < size; at += piece) hash.update(Bytes(input).subspan(at, std::min(piece, size - at)));
  return hash.finish();
}

void known_vectors() {
  CHECK((hash_of(0, 1) == Digest128{0xe6a825ba047f81a3u, 0x930255c71472f66du}));
  CHECK((hash_of(1, 1) == Digest128{0x44af996bd8c187dau, 0x45fc229b11597634u}));
}

void pieces_do_not_matter() {
  for (size_t size = 0; size < 70; size++) {
    for (size_t piece = 1; piece < 20; piece++) CHECK(hash_of(size, piece) == hash_of(size, 100));
  }
}

}  // namespace

int main() {
  known_vectors();
  pieces_do_not_matter();
  return test::check_result();
}
