// Appends protocol primitives to a buffer that its owner reuses from answer to answer.
#pragma once
#include <cassert>
#include <string_view>
#include <vector>

#include "base/endian.h"
#include "base/types.h"
#include "base/uuid.h"

namespace milena {

class WireWriter {
 public:
  explicit WireWriter(std::vector<std::byte>& out) : out_(out) {}

  size_t position() const { return out_.size(); }

  void int8(int8_t value) { number(value); }
  void int16(int16_t value) { number(value); }
  void int32(int32_t value) { number(value); }
  void int64(int64_t value) { number(value); }

  void unsigned_varint(uint32_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<std::byte>((value & 0x7f) | 0x80));
    out_.push_back(static_cast<std::byte>(value));
  }

  void uuid(const Uuid& id) { out_.insert(out_.end(), id.bytes.begin(), id.bytes.end()); }

  void string(bool flexible, std::string_view text) {
    assert(text.size() <= INT16_MAX);
    if (flexible) unsigned_varint(static_cast<uint32_t>(text.size()) + 1);
    else int16(static_cast<int16_t>(text.size()));
    const auto* from = reinterpret_cast<const std::byte*>(text.data());
    out_.insert(out_.end(), from, from + text.size());
  }

  void null_string(bool flexible) {
    if (flexible) unsigned_varint(0);
    else int16(-1);
  }

  // The size of an array or of bytes that follow.
  void size(bool flexible, size_t size) {
    assert(size <= INT32_MAX);
    if (flexible) unsigned_varint(static_cast<uint32_t>(size) + 1);
    else int32(static_cast<int32_t>(size));
  }

  void no_tagged_fields(bool flexible) {
    if (flexible) unsigned_varint(0);
  }

  // Overwrites four bytes written earlier.
  void patch_int32(size_t position, int32_t value) { store(out_.data() + position, value); }

 private:
  template <class T>
  void number(T value) {
    const size_t at = out_.size();
    out_.resize(at + sizeof value);
    store(out_.data() + at, value);
  }

  std::vector<std::byte>& out_;
};

}  // namespace milena
