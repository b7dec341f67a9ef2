#include "base/siphash.h"

#include <bit>
#include <cstring>

namespace milena {
namespace {

constexpr int compression_rounds = 2;
constexpr int final_rounds = 4;

uint64_t little_endian(uint64_t value) {
  if constexpr (std::endian::native == std::endian::big) return __builtin_bswap64(value);
  return value;
}

}  // namespace

SipHash128::SipHash128(const Digest128& key)
    : v0_(0x736f6d6570736575u ^ key.low), v1_(0x646f72616e646f6du ^ key.high ^ 0xee), v2_(0x6c7967656e657261u ^ key.low), v3_(0x7465646279746573u ^ key.high) {}

void SipHash128::rounds(int count) {
  for (; count > 0; count--) {
    v0_ += v1_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v0_ = std::rotl(v0_, 32);
    v2_ += v3_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ += v3_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ += v1_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v2_ = std::rotl(v2_, 32);
  }
}

void SipHash128::word(uint64_t word) {
  v3_ ^= word;
  rounds(compression_rounds);
  v0_ ^= word;
}

void SipHash128::update(Bytes bytes) {
  const std::byte* at = bytes.data();
  size_t left = bytes.size();
  while (left > 0 && (size_ & 7) != 0) {
    pending_ |= static_cast<uint64_t>(*at) << (8 * (size_ & 7));
    at++;
    left--;
    if ((++size_ & 7) != 0) continue;
    word(pending_);
    pending_ = 0;
  }
  for (; left >= 8; at += 8, left -= 8, size_ += 8) {
    uint64_t raw = 0;
    std::memcpy(&raw, at, sizeof raw);
    word(little_endian(raw));
  }
  for (; left > 0; at++, left--, size_++) pending_ |= static_cast<uint64_t>(*at) << (8 * (size_ & 7));
}

Digest128 SipHash128::finish() {
  word(pending_ | (size_ << 56));
  v2_ ^= 0xee;
  rounds(final_rounds);
  Digest128 digest;
  digest.low = v0_ ^ v1_ ^ v2_ ^ v3_;
  v1_ ^= 0xdd;
  rounds(final_rounds);
  digest.high = v0_ ^ v1_ ^ v2_ ^ v3_;
  return digest;
}

}  // namespace milena
