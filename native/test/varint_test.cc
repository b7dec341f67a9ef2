// Variable-length integers: every size round-trips, truncation and endless numbers are told apart.
#include "base/varint.h"

#include <limits>
#include <random>

#include "test/check.h"

using namespace milena;

namespace {

void unsigned_round_trip(uint32_t value) {
  std::byte raw[varint_bytes_max] = {};
  const std::byte* end = write_unsigned_varint(raw, value);
  const std::byte* at = raw;
  uint32_t got = 0;
  CHECK(read_unsigned_varint(at, end, got) == VarintRead::ok && at == end);
  CHECK_EQ(got, value);
  at = raw;
  if (end - raw > 0) CHECK(read_unsigned_varint(at, end - 1, got) == VarintRead::truncated);
}

void signed_round_trip(int64_t value) {
  std::byte raw[varlong_bytes_max] = {};
  const std::byte* end = write_varlong(raw, value);
  const std::byte* at = raw;
  int64_t got = 0;
  CHECK(read_varlong(at, end, got) == VarintRead::ok && at == end);
  CHECK_EQ(got, value);
  at = raw;
  CHECK(read_varlong(at, end - 1, got) == VarintRead::truncated);
  if (value < std::numeric_limits<int32_t>::min() || value > std::numeric_limits<int32_t>::max()) return;
  int32_t narrow = 0;
  at = raw;
  CHECK(read_varint(at, end, narrow) == VarintRead::ok && at == end);
  CHECK_EQ(narrow, static_cast<int32_t>(value));
  std::byte again[varint_bytes_max] = {};
  CHECK_EQ(write_varint(again, narrow) - again, end - raw);
}

void encodings() {
  std::byte raw[varint_bytes_max] = {};
  CHECK_EQ(write_unsigned_varint(raw, 300) - raw, 2);
  CHECK(raw[0] == std::byte{0xac} && raw[1] == std::byte{0x02});
  CHECK_EQ(write_varint(raw, -1) - raw, 1);
  CHECK(raw[0] == std::byte{0x01});
}

void endless() {
  const std::byte raw[11] = {std::byte{0x80}, std::byte{0x80}, std::byte{0x80}, std::byte{0x80}, std::byte{0x80}, std::byte{0x80},
                             std::byte{0x80}, std::byte{0x80}, std::byte{0x80}, std::byte{0x80}, std::byte{0x00}};
  const std::byte* at = raw;
  uint32_t small = 0;
  CHECK(read_unsigned_varint(at, raw + 11, small) == VarintRead::overlong);
  at = raw;
  int64_t large = 0;
  CHECK(read_varlong(at, raw + 11, large) == VarintRead::overlong);
}

}  // namespace

int main() {
  encodings();
  endless();
  for (int bit = 0; bit < 64; bit++) {
    for (int64_t near : {-1, 0, 1}) {
      const auto value = static_cast<int64_t>((uint64_t{1} << bit) + static_cast<uint64_t>(near));
      signed_round_trip(value);
      signed_round_trip(static_cast<int64_t>(0 - static_cast<uint64_t>(value)));
      unsigned_round_trip(static_cast<uint32_t>(value));
    }
  }
  std::mt19937_64 random(11);
  for (int i = 0; i < 2'000; i++) {
    signed_round_trip(static_cast<int64_t>(random() >> (random() % 64)));
    unsigned_round_trip(static_cast<uint32_t>(random() >> (random() % 64)));
  }
  return test::check_result();
}
