#include "base/crc32c.h"

#include <array>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__)
#include <arm_acle.h>
#include <sys/auxv.h>
#endif

namespace milena {

namespace {

constexpr uint32_t polynomial = 0x82f63b78;  // Castagnoli, bits reversed

// table[k][b]: the CRC of byte b followed by k zero bytes.
using SliceTables = std::array<std::array<uint32_t, 256>, 8>;

constexpr SliceTables make_slice_tables() {
  SliceTables table{};
  for (uint32_t b = 0; b < 256; b++) {
    uint32_t crc = b;
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) != 0 ? polynomial : 0);
    table[0][b] = crc;
  }
  for (size_t k = 1; k < table.size(); k++) {
    for (size_t b = 0; b < 256; b++) table[k][b] = (table[k - 1][b] >> 8) ^ table[0][table[k - 1][b] & 0xff];
  }
  return table;
}

constexpr SliceTables slice_tables = make_slice_tables();

uint64_t load_little_endian(const std::byte* from) {
  uint64_t value = 0;
  std::memcpy(&value, from, sizeof value);
  if constexpr (std::endian::native == std::endian::big) value = __builtin_bswap64(value);
  return value;
}

uint32_t run_portable(Bytes bytes, uint32_t seed) {
  uint32_t crc = ~seed;
  const std::byte* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    const uint64_t word = load_little_endian(at) ^ crc;
    crc = 0;
    for (size_t k = 0; k < 8; k++) crc ^= slice_tables[7 - k][(word >> (8 * k)) & 0xff];
  }
  for (; left > 0; at++, left--) crc = (crc >> 8) ^ slice_tables[0][(crc ^ static_cast<uint32_t>(*at)) & 0xff];
  return ~crc;
}

#if defined(__x86_64__) || defined(__aarch64__)

// The CRC instruction takes three cycles and a new one can start every cycle, so three lanes of this many bytes run side by side.
constexpr size_t lane_bytes = 1024;

// shift[k][b]: what byte k of a CRC (value b) becomes after lane_bytes zero bytes; moving a whole CRC takes four look-ups.
using ShiftTable = std::array<std::array<uint32_t, 256>, 4>;

constexpr ShiftTable make_shift_table() {
  std::array<uint32_t, 32> of_bit{};
  for (size_t bit = 0; bit < 32; bit++) {
    uint32_t crc = uint32_t{1} << bit;
    for (size_t i = 0; i < lane_bytes; i++) crc = (crc >> 8) ^ slice_tables[0][crc & 0xff];
    of_bit[bit] = crc;
  }
  ShiftTable table{};
  for (size_t k = 0; k < 4; k++) {
    for (size_t b = 0; b < 256; b++) {
      for (size_t bit = 0; bit < 8; bit++) {
        if ((b >> bit & 1) != 0) table[k][b] ^= of_bit[8 * k + bit];
      }
    }
  }
  return table;
}

constexpr ShiftTable shift_table = make_shift_table();

uint32_t shift_lane(uint32_t crc) {
  return shift_table[0][crc & 0xff] ^ shift_table[1][crc >> 8 & 0xff] ^ shift_table[2][crc >> 16 & 0xff] ^ shift_table[3][crc >> 24];
}

#if defined(__x86_64__)
#define MILENA_CRC_TARGET __attribute__((target("sse4.2")))
MILENA_CRC_TARGET inline uint32_t crc_word(uint32_t crc, uint64_t word) { return static_cast<uint32_t>(_mm_crc32_u64(crc, word)); }
MILENA_CRC_TARGET inline uint32_t crc_byte(uint32_t crc, uint8_t byte) { return _mm_crc32_u8(crc, byte); }
bool have_crc_instruction() { return __builtin_cpu_supports("sse4.2") != 0; }
constexpr const char* instruction_name = "sse4.2";
#else
#define MILENA_CRC_TARGET __attribute__((target("+crc")))
MILENA_CRC_TARGET inline uint32_t crc_word(uint32_t crc, uint64_t word) { return __crc32cd(crc, word); }
MILENA_CRC_TARGET inline uint32_t crc_byte(uint32_t crc, uint8_t byte) { return __crc32cb(crc, byte); }
bool have_crc_instruction() { return (getauxval(AT_HWCAP) & (1UL << 7)) != 0; }  // HWCAP_CRC32
constexpr const char* instruction_name = "armv8-crc";
#endif

MILENA_CRC_TARGET uint32_t run_instruction(Bytes bytes, uint32_t seed) {
  uint32_t crc = ~seed;
  const std::byte* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 3 * lane_bytes; at += 3 * lane_bytes, left -= 3 * lane_bytes) {
    uint32_t second = 0;
    uint32_t third = 0;
    for (size_t i = 0; i < lane_bytes; i += 8) {
      crc = crc_word(crc, load_little_endian(at + i));
      second = crc_word(second, load_little_endian(at + lane_bytes + i));
      third = crc_word(third, load_little_endian(at + 2 * lane_bytes + i));
    }
    crc = shift_lane(shift_lane(crc) ^ second) ^ third;
  }
  for (; left >= 8; at += 8, left -= 8) crc = crc_word(crc, load_little_endian(at));
  for (; left > 0; at++, left--) crc = crc_byte(crc, static_cast<uint8_t>(*at));
  return ~crc;
}

constexpr Crc32cForm all_forms[] = {{instruction_name, run_instruction}, {"portable", run_portable}};
const size_t forms_begin = have_crc_instruction() ? 0 : 1;

#else

constexpr Crc32cForm all_forms[] = {{"portable", run_portable}};
constexpr size_t forms_begin = 0;

#endif

}  // namespace

std::span<const Crc32cForm> crc32c_forms() { return std::span(all_forms).subspan(forms_begin); }

uint32_t crc32c(Bytes bytes, uint32_t seed) { return all_forms[forms_begin].run(bytes, seed); }

}  // namespace milena
