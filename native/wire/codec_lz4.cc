// LZ4 frames as Kafka reads and writes them: independent blocks only (Kafka refuses dependent ones), the descriptor's checksum required,
// block checksums checked when present, the content checksum passed over. Written: 64 KB blocks without checksums.
#include <lz4.h>
#include <lz4hc.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

#include "wire/codecs.h"

namespace milena {

namespace {

constexpr uint32_t frame_magic = 0x184d2204;  // little-endian, like every number of the format
constexpr uint32_t stored_block_bit = 0x80000000;
constexpr uint8_t version_bits = 0xc0, version_one = 0x40, independent_bit = 0x20, block_checksum_bit = 0x10, content_size_bit = 0x08,
                  content_checksum_bit = 0x04, reserved_flag_bits = 0x03;
constexpr uint8_t reserved_block_bits = 0x8f;
constexpr size_t expansion_max = 255;  // an LZ4 byte stands for at most as many
constexpr size_t written_block_size = size_t{64} * 1024;
constexpr uint8_t written_block_size_id = 4 << 4;
constexpr int32_t fast_level = 9;  // Kafka's default level is the fast compressor, every other one the high compressor

uint32_t load32(const std::byte* from) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; i++) value |= static_cast<uint32_t>(from[i]) << (8 * i);
  return value;
}

void store32(std::byte* to, uint32_t value) {
  for (size_t i = 0; i < 4; i++) to[i] = static_cast<std::byte>(value >> (8 * i));
}

std::byte descriptor_checksum(Bytes descriptor) { return static_cast<std::byte>(XXH32(descriptor.data(), descriptor.size(), 0) >> 8); }

class Lz4Decompressor final : public Decompressor {
 public:
  void start(Bytes compressed) override {
    in_ = compressed;
    block_ = {};
    ended_ = false;
    broken_ = !read_header();
  }

  Result<size_t> read(MutableBytes into) override {
    size_t got = 0;
    while (!ended_ && !broken_ && got < into.size()) {
      if (block_.empty()) {
        broken_ = !read_block();
        continue;
      }
      const size_t part = std::min(block_.size(), into.size() - got);
      std::memcpy(into.data() + got, block_.data(), part);
      block_ = block_.subspan(part);
      got += part;
    }
    if (got == 0 && broken_) return Status{Errc::corrupt};
    return got;
  }

 private:
  bool read_header() {
    if (in_.size() < 7 || load32(in_.data()) != frame_magic) return false;
    flags_ = static_cast<uint8_t>(in_[4]);
    const auto block_descriptor = static_cast<uint8_t>(in_[5]);
    if ((flags_ & version_bits) != version_one || (flags_ & independent_bit) == 0 || (flags_ & reserved_flag_bits) != 0) return false;
    if ((block_descriptor & reserved_block_bits) != 0 || block_descriptor >> 4 < 4) return false;
    block_size_max_ = size_t{1} << (2 * (block_descriptor >> 4) + 8);
    const size_t descriptor_size = (flags_ & content_size_bit) != 0 ? 10 : 2;
    if (in_.size() < 4 + descriptor_size + 1) return false;
    if (in_[4 + descriptor_size] != descriptor_checksum(in_.subspan(4, descriptor_size))) return false;
    in_ = in_.subspan(4 + descriptor_size + 1);
    return true;
  }

  bool read_block() {
    if (in_.size() < 4) return false;
    const uint32_t word = load32(in_.data());
    const size_t size = word & ~stored_block_bit;
    in_ = in_.subspan(4);
    if (size == 0) {
      ended_ = true;
      return (flags_ & content_checksum_bit) == 0 || in_.size() >= 4;
    }
    const size_t checksum_size = (flags_ & block_checksum_bit) != 0 ? 4 : 0;
    if (size > block_size_max_ || in_.size() < size + checksum_size) return false;
    const Bytes block = in_.first(size);
    if (checksum_size != 0 && XXH32(block.data(), size, 0) != load32(in_.data() + size)) return false;
    in_ = in_.subspan(size + checksum_size);
    if ((word & stored_block_bit) != 0) {
      block_ = block;
      return true;
    }
    return unpack(block);
  }

  bool unpack(Bytes block) {
    const size_t room = std::min(block_size_max_, block.size() * expansion_max);
    if (buffer_.size() < room) buffer_.resize(room);
    const int size = LZ4_decompress_safe(reinterpret_cast<const char*>(block.data()), reinterpret_cast<char*>(buffer_.data()),
                                         static_cast<int>(block.size()), static_cast<int>(room));
    if (size < 0) return false;
    block_ = {buffer_.data(), static_cast<size_t>(size)};
    return true;
  }

  Bytes in_;
  Bytes block_;  // what is left of the current block
  std::vector<std::byte> buffer_;
  size_t block_size_max_ = 0;
  uint8_t flags_ = 0;
  bool ended_ = true;
  bool broken_ = false;
};

class Lz4Compressor final : public Compressor {
 public:
  void start(int32_t level, std::vector<std::byte>& out) override {
    level_ = level;
    out_ = &out;
    buffer_.clear();
    buffer_.reserve(written_block_size);
    std::array<std::byte, 7> header{};
    store32(header.data(), frame_magic);
    header[4] = static_cast<std::byte>(version_one | independent_bit);
    header[5] = static_cast<std::byte>(written_block_size_id);
    header[6] = descriptor_checksum(Bytes(header).subspan(4, 2));
    out.insert(out.end(), header.begin(), header.end());
  }

  void write(Bytes plain) override {
    while (!plain.empty()) {
      const size_t part = std::min(plain.size(), written_block_size - buffer_.size());
      buffer_.insert(buffer_.end(), plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(part));
      plain = plain.subspan(part);
      if (buffer_.size() == written_block_size) write_block();
    }
  }

  void finish() override {
    if (!buffer_.empty()) write_block();
    out_->resize(out_->size() + 4);  // the end mark is four zero bytes
  }

 private:
  void write_block() {
    const size_t before = out_->size();
    const int size = static_cast<int>(buffer_.size());
    const int room = LZ4_compressBound(size);
    out_->resize(before + 4 + static_cast<size_t>(room));
    auto* to = reinterpret_cast<char*>(out_->data() + before + 4);
    const auto* from = reinterpret_cast<const char*>(buffer_.data());
    int packed = level_ == fast_level ? LZ4_compress_default(from, to, size, room) : LZ4_compress_HC(from, to, size, room, level_);
    uint32_t word = static_cast<uint32_t>(packed);
    if (packed <= 0 || packed >= size) {
      std::memcpy(to, from, buffer_.size());
      packed = size;
      word = static_cast<uint32_t>(size) | stored_block_bit;
    }
    store32(out_->data() + before, word);
    out_->resize(before + 4 + static_cast<size_t>(packed));
    buffer_.clear();
  }

  int32_t level_ = fast_level;
  std::vector<std::byte>* out_ = nullptr;
  std::vector<std::byte> buffer_;
};

}  // namespace

std::unique_ptr<Decompressor> make_lz4_decompressor() { return std::make_unique<Lz4Decompressor>(); }
std::unique_ptr<Compressor> make_lz4_compressor() { return std::make_unique<Lz4Compressor>(); }

}  // namespace milena
