// Snappy as Kafka has it: the framing of xerial's snappy-java (a 16-byte header, then chunks with their length), or one raw block.
#include <algorithm>
#include <array>
#include <cstring>

#include "base/endian.h"
#include "wire/codecs.h"
#include "wire/snappy_block.h"

namespace milena {

namespace {

constexpr std::array<uint8_t, 8> xerial_magic = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
constexpr size_t xerial_header_size = 16;  // magic, version, oldest compatible version
constexpr int32_t xerial_version = 1;
constexpr size_t chunk_capacity_kept_max = size_t{1024} * 1024;  // a raw block can be much larger than a chunk
constexpr size_t written_chunk_size = size_t{32} * 1024;
static_assert(written_chunk_size <= snappy_block_size_max);

bool has_magic(Bytes bytes) { return bytes.size() >= xerial_header_size && std::memcmp(bytes.data(), xerial_magic.data(), xerial_magic.size()) == 0; }

class SnappyDecompressor final : public Decompressor {
 public:
  void start(Bytes compressed) override {
    in_ = compressed;
    if (chunk_.capacity() > chunk_capacity_kept_max) chunk_ = {};
    chunk_.clear();
    chunk_at_ = 0;
    ended_ = broken_ = false;
    if (has_magic(in_)) {
      broken_ = !skip_header();
    } else {
      broken_ = in_.empty() || !snappy_unpack(in_, chunk_);
      in_ = {};
      if (broken_) chunk_.clear();
    }
  }

  Result<size_t> read(MutableBytes into) override {
    size_t got = 0;
    while (got < into.size()) {
      if (chunk_at_ == chunk_.size()) {
        if (ended_ || broken_) break;
        next_chunk();
        continue;
      }
      const size_t part = std::min(chunk_.size() - chunk_at_, into.size() - got);
      std::memcpy(into.data() + got, chunk_.data() + chunk_at_, part);
      chunk_at_ += part;
      got += part;
    }
    if (got == 0 && broken_) return Status{Errc::corrupt};
    return got;
  }

 private:
  bool skip_header() {
    const auto version = load<int32_t>(in_.data() + xerial_magic.size());
    in_ = in_.subspan(xerial_header_size);
    return version >= xerial_version;
  }

  void next_chunk() {
    chunk_.clear();
    chunk_at_ = 0;
    // snappy-java takes fewer than four bytes at the end for the end.
    if (in_.size() < 4) {
      ended_ = true;
      return;
    }
    // Streams may have been joined: a header where a length is expected.
    if (std::memcmp(in_.data(), xerial_magic.data(), 4) == 0) {
      if (in_.size() < xerial_header_size) broken_ = true;
      else if (!has_magic(in_)) ended_ = true;
      else broken_ = !skip_header();
      return;
    }
    const auto size = load<int32_t>(in_.data());
    in_ = in_.subspan(4);
    if (size < 0 || static_cast<size_t>(size) > in_.size() || !snappy_unpack(in_.first(static_cast<size_t>(size)), chunk_)) {
      broken_ = true;
      chunk_.clear();
      return;
    }
    in_ = in_.subspan(static_cast<size_t>(size));
  }

  Bytes in_;
  std::vector<std::byte> chunk_;
  size_t chunk_at_ = 0;
  bool ended_ = true;
  bool broken_ = false;
};

class SnappyCompressor final : public Compressor {
 public:
  // Snappy has no levels.
  void start(int32_t, std::vector<std::byte>& out) override {
    out_ = &out;
    buffer_.clear();
    buffer_.reserve(written_chunk_size);
    const size_t at = out.size();
    out.resize(at + xerial_header_size);
    std::memcpy(out.data() + at, xerial_magic.data(), xerial_magic.size());
    store<int32_t>(out.data() + at + 8, xerial_version);
    store<int32_t>(out.data() + at + 12, xerial_version);
  }

  void write(Bytes plain) override {
    while (!plain.empty()) {
      const size_t part = std::min(plain.size(), written_chunk_size - buffer_.size());
      buffer_.insert(buffer_.end(), plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(part));
      plain = plain.subspan(part);
      if (buffer_.size() == written_chunk_size) write_chunk();
    }
  }

  void finish() override {
    if (!buffer_.empty()) write_chunk();
  }

 private:
  void write_chunk() {
    const size_t at = out_->size();
    out_->resize(at + 4);
    snappy_pack(buffer_, *out_);
    store(out_->data() + at, static_cast<int32_t>(out_->size() - at - 4));
    buffer_.clear();
  }

  std::vector<std::byte>* out_ = nullptr;
  std::vector<std::byte> buffer_;
};

}  // namespace

std::unique_ptr<Decompressor> make_snappy_decompressor() { return std::make_unique<SnappyDecompressor>(); }
std::unique_ptr<Compressor> make_snappy_compressor() { return std::make_unique<SnappyCompressor>(); }

}  // namespace milena
