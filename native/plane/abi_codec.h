// Bytes of the strait: little-endian numbers, length-prefixed strings. Used by abi.gen.h; the other side is src/dataplane/codec.ts.
#pragma once
#include <array>
#include <bit>
#include <concepts>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/types.h"

namespace milena::abi {

// Swaps on big-endian machines only.
template <std::integral T>
T little_endian(T value) {
  if constexpr (std::endian::native == std::endian::big) {
    std::array<std::byte, sizeof(T)> bytes{};
    for (size_t i = 0; i < sizeof(T); i++) bytes[i] = static_cast<std::byte>(static_cast<std::make_unsigned_t<T>>(value) >> (8 * i));
    std::memcpy(&value, bytes.data(), sizeof value);
  }
  return value;
}

// Reads fields one after the other; every read checks its bounds.
class AbiReader {
 public:
  explicit AbiReader(Bytes bytes) : left_(bytes) {}
  size_t left() const { return left_.size(); }

  template <std::integral T>
  bool number(T& value) {
    if (left_.size() < sizeof value) return false;
    std::memcpy(&value, left_.data(), sizeof value);
    value = little_endian(value);
    left_ = left_.subspan(sizeof value);
    return true;
  }
  template <class E>
  bool enumerator(E& value, uint8_t count) {
    uint8_t raw = 0;
    if (!number(raw) || raw >= count) return false;
    value = static_cast<E>(raw);
    return true;
  }
  bool take(size_t size, Bytes& bytes) {
    if (left_.size() < size) return false;
    bytes = left_.first(size);
    left_ = left_.subspan(size);
    return true;
  }

 private:
  Bytes left_;
};

// Appends fields to a vector it borrows.
class AbiWriter {
 public:
  explicit AbiWriter(std::vector<std::byte>& out) : out_(out) {}

  template <std::integral T>
  void number(T value) {
    value = little_endian(value);
    std::array<std::byte, sizeof value> raw{};
    std::memcpy(raw.data(), &value, sizeof value);
    out_.insert(out_.end(), raw.begin(), raw.end());
  }
  template <class E>
  void enumerator(E value) {
    number(static_cast<uint8_t>(value));
  }
  void bytes(Bytes value) { out_.insert(out_.end(), value.begin(), value.end()); }

  size_t begin_message(uint8_t tag) {
    const size_t at = out_.size();
    number<uint32_t>(0);
    number(tag);
    return at;
  }
  void end_message(size_t at) {
    const auto size = little_endian(static_cast<uint32_t>(out_.size() - at - sizeof(uint32_t)));
    std::memcpy(out_.data() + at, &size, sizeof size);
  }

 private:
  std::vector<std::byte>& out_;
};

inline bool read(AbiReader& from, bool& value) {
  uint8_t raw = 0;
  if (!from.number(raw) || raw > 1) return false;
  value = raw == 1;
  return true;
}
inline void write(AbiWriter& to, bool value) { to.number(static_cast<uint8_t>(value ? 1 : 0)); }

template <std::integral T>
  requires(!std::same_as<T, bool>)
bool read(AbiReader& from, T& value) {
  return from.number(value);
}
template <std::integral T>
  requires(!std::same_as<T, bool>)
void write(AbiWriter& to, T value) {
  to.number(value);
}

inline bool read(AbiReader& from, Bytes& value) {
  uint32_t size = 0;
  return from.number(size) && from.take(size, value);
}
inline void write(AbiWriter& to, Bytes value) {
  to.number(static_cast<uint32_t>(value.size()));
  to.bytes(value);
}

inline bool read(AbiReader& from, std::string_view& value) {
  Bytes raw;
  if (!read(from, raw)) return false;
  value = {reinterpret_cast<const char*>(raw.data()), raw.size()};
  return true;
}
inline void write(AbiWriter& to, std::string_view value) { write(to, std::as_bytes(std::span(value))); }

inline bool read(AbiReader& from, std::array<std::byte, 16>& value) {
  Bytes raw;
  if (!from.take(value.size(), raw)) return false;
  std::memcpy(value.data(), raw.data(), value.size());
  return true;
}
inline void write(AbiWriter& to, const std::array<std::byte, 16>& value) { to.bytes(value); }

// Items follow their count; each takes at least one byte, so a count beyond what is left is refused before it is believed.
template <class T>
bool read(AbiReader& from, std::vector<T>& value) {
  uint32_t count = 0;
  if (!from.number(count) || count > from.left()) return false;
  value.resize(count);
  for (T& item : value)
    if (!read(from, item)) return false;
  return true;
}
template <class T>
void write(AbiWriter& to, const std::vector<T>& value) {
  to.number(static_cast<uint32_t>(value.size()));
  for (const T& item : value) write(to, item);
}

}  // namespace milena::abi
