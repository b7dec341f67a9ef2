// Variable-length integers of the protocol: unsigned LEB128, and zigzag for signed ones (record fields). Every read checks its bounds.
#pragma once
#include <cstddef>
#include <cstdint>

namespace milena {

inline constexpr size_t varint_bytes_max = 5;    // 32 bits
inline constexpr size_t varlong_bytes_max = 10;  // 64 bits

enum class VarintRead : uint8_t { ok, truncated, overlong };

// Reads an unsigned integer of up to `bytes_max` bytes and moves `at` behind it. On failure `at` is unspecified.
// The protocol lets the last byte carry bits beyond the type; they are dropped, as Kafka does.
template <class T, size_t bytes_max>
inline VarintRead read_leb128(const std::byte*& at, const std::byte* end, T& out) {
  if (at < end && static_cast<uint8_t>(*at) < 0x80) {
    out = static_cast<T>(*at++);
    return VarintRead::ok;
  }
  T value = 0;
  for (size_t i = 0; i < bytes_max; i++) {
    if (at == end) return VarintRead::truncated;
    const auto byte = static_cast<uint8_t>(*at++);
    value = static_cast<T>(value | (static_cast<T>(byte & 0x7f) << (7 * i)));
    if (byte < 0x80) {
      out = value;
      return VarintRead::ok;
    }
  }
  return VarintRead::overlong;
}

inline VarintRead read_unsigned_varint(const std::byte*& at, const std::byte* end, uint32_t& out) {
  return read_leb128<uint32_t, varint_bytes_max>(at, end, out);
}

inline VarintRead read_varint(const std::byte*& at, const std::byte* end, int32_t& out) {
  uint32_t raw = 0;
  const VarintRead status = read_leb128<uint32_t, varint_bytes_max>(at, end, raw);
  out = static_cast<int32_t>((raw >> 1) ^ (~(raw & 1) + 1));
  return status;
}

inline VarintRead read_varlong(const std::byte*& at, const std::byte* end, int64_t& out) {
  uint64_t raw = 0;
  const VarintRead status = read_leb128<uint64_t, varlong_bytes_max>(at, end, raw);
  out = static_cast<int64_t>((raw >> 1) ^ (~(raw & 1) + 1));
  return status;
}

// Writes at `to`, which has room for the *_bytes_max of the type; returns the byte after the last written.
template <class T>
inline std::byte* write_leb128(std::byte* to, T value) {
  while (value >= 0x80) {
    *to++ = static_cast<std::byte>((value & 0x7f) | 0x80);
    value = static_cast<T>(value >> 7);
  }
  *to++ = static_cast<std::byte>(value);
  return to;
}

inline std::byte* write_unsigned_varint(std::byte* to, uint32_t value) { return write_leb128(to, value); }

inline std::byte* write_varint(std::byte* to, int32_t value) {
  return write_leb128(to, (static_cast<uint32_t>(value) << 1) ^ static_cast<uint32_t>(value >> 31));
}

inline std::byte* write_varlong(std::byte* to, int64_t value) {
  return write_leb128(to, (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
}

}  // namespace milena
