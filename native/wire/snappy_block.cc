#include "wire/snappy_block.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

#include "base/varint.h"

namespace milena {

namespace {

constexpr size_t expansion_max = 22;  // a copy of three bytes stands for at most 64
constexpr size_t copy_size_max = 64;
constexpr size_t match_size_min = 4;
constexpr size_t near_copy_size_end = 12;  // what a copy of two bytes can hold
constexpr size_t near_offset_end = 2048;
constexpr int hash_bits = 14;

uint32_t load_word(const std::byte* from) {
  uint32_t word = 0;
  std::memcpy(&word, from, sizeof word);
  return word;
}

uint32_t little_endian(const std::byte* from, size_t size) {
  uint32_t value = 0;
  for (size_t i = 0; i < size; i++) value |= static_cast<uint32_t>(from[i]) << (8 * i);
  return value;
}

// Most pieces are short, and copying sixteen bytes always is cheaper than copying exactly as many; `room` says whether it may.
constexpr size_t short_piece = 16;

void copy_literal(std::byte* to, const std::byte* from, size_t size, size_t room) {
  if (size <= short_piece && room >= short_piece) std::memcpy(to, from, short_piece);
  else std::memcpy(to, from, size);
}

// Copies overlap on purpose when the offset is shorter than the size: that is how runs are written.
void copy_back(std::byte* to, size_t offset, size_t size, size_t room) {
  const std::byte* from = to - offset;
  if (size <= short_piece && offset >= 8 && room >= short_piece) {
    std::memcpy(to, from, 8);
    std::memcpy(to + 8, from + 8, 8);
    return;
  }
  if (offset >= size) {
    std::memcpy(to, from, size);
    return;
  }
  for (size_t i = 0; i < size; i++) to[i] = from[i];
}

uint32_t hash_of(uint32_t word) { return (word * 0x1e35a7bdu) >> (32 - hash_bits); }

void put_literal(Bytes literal, std::vector<std::byte>& out) {
  if (literal.empty()) return;
  const size_t last = literal.size() - 1;
  if (last < 60) {
    out.push_back(static_cast<std::byte>(last << 2));
  } else if (last < 256) {
    out.push_back(std::byte{60 << 2});
    out.push_back(static_cast<std::byte>(last));
  } else {
    out.push_back(std::byte{61 << 2});
    out.push_back(static_cast<std::byte>(last));
    out.push_back(static_cast<std::byte>(last >> 8));
  }
  out.insert(out.end(), literal.begin(), literal.end());
}

void put_copy(size_t offset, size_t size, std::vector<std::byte>& out) {
  while (size > 0) {
    const size_t part = size > copy_size_max ? copy_size_max : size;
    if (part >= match_size_min && part < near_copy_size_end && offset < near_offset_end) {
      out.push_back(static_cast<std::byte>(((offset >> 8) << 5) | ((part - 4) << 2) | 1));
      out.push_back(static_cast<std::byte>(offset));
      return;
    }
    out.push_back(static_cast<std::byte>(((part - 1) << 2) | 2));
    out.push_back(static_cast<std::byte>(offset));
    out.push_back(static_cast<std::byte>(offset >> 8));
    size -= part;
  }
}

}  // namespace

bool snappy_unpack(Bytes packed, std::vector<std::byte>& out) {
  const std::byte* at = packed.data();
  const std::byte* const end = at + packed.size();
  uint32_t size = 0;
  if (read_unsigned_varint(at, end, size) != VarintRead::ok) return false;
  if (size > packed.size() * expansion_max) return false;
  const size_t base = out.size();
  out.resize(base + size);
  std::byte* to = out.data() + base;
  std::byte* const begin = to;
  std::byte* const limit = to + size;

  while (at < end) {
    const auto tag = static_cast<uint8_t>(*at++);
    const unsigned kind = tag & 3;
    size_t length = (tag >> 2) + 1u;
    if (kind == 0) {
      if (length > 60) {
        const size_t length_bytes = length - 60;
        if (static_cast<size_t>(end - at) < length_bytes) return false;
        length = size_t{little_endian(at, length_bytes)} + 1;
        at += length_bytes;
      }
      if (length > static_cast<size_t>(end - at) || length > static_cast<size_t>(limit - to)) return false;
      copy_literal(to, at, length, static_cast<size_t>(std::min(end - at, limit - to)));
      at += length;
      to += length;
      continue;
    }
    const size_t offset_bytes = kind == 3 ? 4 : kind;
    if (static_cast<size_t>(end - at) < offset_bytes) return false;
    size_t offset = little_endian(at, offset_bytes);
    at += offset_bytes;
    if (kind == 1) {
      length = ((tag >> 2) & 7) + 4u;
      offset |= (static_cast<size_t>(tag) >> 5) << 8;
    }
    if (offset == 0 || offset > static_cast<size_t>(to - begin) || length > static_cast<size_t>(limit - to)) return false;
    copy_back(to, offset, length, static_cast<size_t>(limit - to));
    to += length;
  }
  return to == limit;
}

void snappy_pack(Bytes plain, std::vector<std::byte>& out) {
  assert(plain.size() <= snappy_block_size_max);
  std::byte length[varint_bytes_max] = {};
  const std::byte* length_end = write_unsigned_varint(length, static_cast<uint32_t>(plain.size()));
  out.insert(out.end(), static_cast<const std::byte*>(length), length_end);

  std::array<uint16_t, size_t{1} << hash_bits> seen{};  // position of the last word with this hash
  size_t literal_begin = 0;
  size_t at = 0;
  while (at + match_size_min <= plain.size()) {
    const uint32_t word = load_word(plain.data() + at);
    uint16_t& slot = seen[hash_of(word)];
    const size_t candidate = slot;
    slot = static_cast<uint16_t>(at);
    if (candidate >= at || load_word(plain.data() + candidate) != word) {
      at += 1 + ((at - literal_begin) >> 5);  // the longer nothing matches, the wider the steps
      continue;
    }
    size_t size = match_size_min;
    while (at + size < plain.size() && plain[candidate + size] == plain[at + size]) size++;
    put_literal(plain.subspan(literal_begin, at - literal_begin), out);
    put_copy(at - candidate, size, out);
    at += size;
    literal_begin = at;
  }
  put_literal(plain.subspan(literal_begin), out);
}

}  // namespace milena
