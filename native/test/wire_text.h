// A message as one line of text, the same that test/support/wire-text.ts writes: fields in schema order, {struct}, [array], 'string and
// #bytes and @uuid in hexadecimal, ~ for null.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"
#include "base/uuid.h"

namespace milena::test {

inline std::string hex_of(Bytes bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (std::byte byte : bytes) {
    out += digits[static_cast<unsigned>(byte) >> 4];
    out += digits[static_cast<unsigned>(byte) & 15];
  }
  return out;
}

inline std::vector<std::byte> bytes_of_hex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::vector<std::byte> out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) out.push_back(static_cast<std::byte>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  return out;
}

// Puts commas where they belong.
class WireText {
 public:
  std::string text;

  void open(char bracket) {
    separate();
    text += bracket;
    first_ = true;
  }
  void close(char bracket) {
    text += bracket;
    first_ = false;
  }
  void number(int64_t value) { put(std::to_string(value)); }
  void string(std::string_view value) { put("'" + hex_of(std::as_bytes(std::span(value.data(), value.size())))); }
  void nullable_string(std::string_view value, bool null) {
    if (null) put("~");
    else string(value);
  }
  void bytes(Bytes value, bool null) { put(null ? "~" : "#" + hex_of(value)); }
  void uuid(const Uuid& id) { put("@" + hex_of(id.bytes)); }
  void null() { put("~"); }

 private:
  void separate() {
    if (!first_) text += ',';
    first_ = false;
  }
  void put(const std::string& value) {
    separate();
    text += value;
  }

  bool first_ = true;
};

}  // namespace milena::test
