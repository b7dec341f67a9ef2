// Reads protocol primitives out of a frame. Bounds-checked with a sticky failure: after the first bad field every read gives zeros and
// ok() is false, so that a parser checks once per message instead of once per field. Malformed frames close their connection.
#pragma once
#include <string_view>

#include "base/endian.h"
#include "base/types.h"
#include "base/uuid.h"
#include "base/varint.h"

namespace milena {

class WireReader {
 public:
  explicit WireReader(Bytes bytes) : begin_(bytes.data()), at_(begin_), end_(begin_ + bytes.size()) {}

  bool ok() const { return ok_; }
  size_t left() const { return static_cast<size_t>(end_ - at_); }
  size_t position() const { return static_cast<size_t>(at_ - begin_); }

  int8_t int8() { return number<int8_t>(); }
  int16_t int16() { return number<int16_t>(); }
  int32_t int32() { return number<int32_t>(); }
  int64_t int64() { return number<int64_t>(); }

  uint32_t unsigned_varint() {
    uint32_t value = 0;
    if (ok_ && read_unsigned_varint(at_, end_, value) == VarintRead::ok) return value;
    fail();
    return 0;
  }

  Uuid uuid() {
    Uuid id;
    const Bytes raw = take(id.bytes.size());
    if (ok_) std::memcpy(id.bytes.data(), raw.data(), raw.size());
    return id;
  }

  // A string that may not be null. Its bytes are not checked to be UTF-8.
  std::string_view string(bool flexible) {
    bool null = false;
    const std::string_view text = nullable_string(flexible, null);
    if (null) fail();
    return text;
  }

  std::string_view nullable_string(bool flexible, bool& null) {
    const int64_t size = flexible ? static_cast<int64_t>(unsigned_varint()) - 1 : int16();
    null = size < 0;
    if (size > INT16_MAX) fail();
    if (null || !ok_) return {};
    const Bytes raw = take(static_cast<size_t>(size));
    return {reinterpret_cast<const char*>(raw.data()), raw.size()};
  }

  Bytes nullable_bytes(bool flexible, bool& null) {
    const int64_t size = flexible ? static_cast<int64_t>(unsigned_varint()) - 1 : int32();
    null = size < 0;
    return null || !ok_ ? Bytes{} : take(static_cast<size_t>(size));
  }

  // The number of elements that follow. Every element has at least one byte, so more elements than bytes is a failure.
  uint32_t array_size(bool flexible) {
    const int64_t size = flexible ? static_cast<int64_t>(unsigned_varint()) - 1 : int32();
    if (size < 0 || static_cast<uint64_t>(size) > left()) fail();
    return ok_ ? static_cast<uint32_t>(size) : 0;
  }

  // Calls `known(tag)` for every tagged field; it reads the field and returns true, or returns false to have it skipped.
  template <class Known>
  void tagged_fields(Known known) {
    for (uint32_t count = unsigned_varint(); count > 0 && ok_; count--) {
      const uint32_t tag = unsigned_varint();
      const uint32_t size = unsigned_varint();
      if (ok_ && !known(tag)) take(size);
    }
  }
  void skip_tagged_fields() {
    tagged_fields([](uint32_t) { return false; });
  }

 private:
  void fail() {
    ok_ = false;
    at_ = end_;
  }

  Bytes take(size_t size) {
    if (size > left()) fail();
    if (!ok_) return {};
    const Bytes taken{at_, size};
    at_ += size;
    return taken;
  }

  template <class T>
  T number() {
    if (left() < sizeof(T)) {
      fail();
      return 0;
    }
    const T value = load<T>(at_);
    at_ += sizeof(T);
    return value;
  }

  const std::byte* begin_;
  const std::byte* at_;
  const std::byte* end_;
  bool ok_ = true;
};

}  // namespace milena
