// Big-endian loads and stores: everything Kafka writes, on the wire and on disk, is big-endian.
#pragma once
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <type_traits>

namespace milena {

template <std::integral T>
constexpr T big_endian(T value) {
  if constexpr (std::endian::native == std::endian::big || sizeof(T) == 1) return value;
  else if constexpr (sizeof(T) == 2) return static_cast<T>(__builtin_bswap16(static_cast<std::make_unsigned_t<T>>(value)));
  else if constexpr (sizeof(T) == 4) return static_cast<T>(__builtin_bswap32(static_cast<std::make_unsigned_t<T>>(value)));
  else return static_cast<T>(__builtin_bswap64(static_cast<std::make_unsigned_t<T>>(value)));
}

template <std::integral T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return big_endian(value);
}

template <std::integral T>
void store(std::byte* to, T value) {
  value = big_endian(value);
  std::memcpy(to, &value, sizeof value);
}

}  // namespace milena
