// gzip (RFC 1952) over zlib. Members may follow each other; what follows the last one and is no member is ignored, as Java's reader does.
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <string_view>
#include <utility>

#include "wire/codecs.h"

namespace milena {

namespace {

constexpr int gzip_window_bits = 15 + 16;  // 16 asks zlib for the gzip header and trailer
constexpr size_t flags_at = 3;             // of a member's header
constexpr int memory_level = 8;            // zlib's default
constexpr size_t output_step = size_t{16} * 1024;
constexpr size_t next_member_size_min = 19;  // Java looks for another member only behind more bytes than a bare one has

Bytef* zlib_bytes(const std::byte* from) { return reinterpret_cast<Bytef*>(const_cast<std::byte*>(from)); }

class GzipDecompressor final : public Decompressor {
 public:
  GzipDecompressor() { ready_ = inflateInit2(&stream_, gzip_window_bits) == Z_OK; }
  ~GzipDecompressor() override { inflateEnd(&stream_); }
  GzipDecompressor(const GzipDecompressor&) = delete;
  GzipDecompressor& operator=(const GzipDecompressor&) = delete;

  void start(Bytes compressed) override {
    // Java does not look at the reserved flags, zlib refuses a header that has one: it gets a copy of the header's start without them.
    const size_t head_size = std::min(compressed.size(), head_.size());
    std::copy_n(compressed.begin(), head_size, head_.begin());
    head_[flags_at] &= std::byte{0x1f};
    feed(Bytes(head_).first(head_size));
    rest_ = compressed.subspan(head_size);
    first_member_ = true;
    state_ = ready_ ? State::reading : State::broken;
    begin_member();
  }

  Result<size_t> read(MutableBytes into) override {
    stream_.next_out = zlib_bytes(into.data());
    stream_.avail_out = static_cast<uInt>(into.size());
    while (state_ == State::reading && stream_.avail_out > 0) step();
    const size_t got = into.size() - stream_.avail_out;
    if (got == 0 && state_ == State::broken) return Status{Errc::corrupt};
    return got;
  }

 private:
  enum class State { reading, ended, broken };

  void begin_member() {
    inflateReset(&stream_);
    header_ = {};
    inflateGetHeader(&stream_, &header_);
  }

  void feed(Bytes bytes) {
    stream_.next_in = zlib_bytes(bytes.data());
    stream_.avail_in = static_cast<uInt>(bytes.size());
  }

  void step() {
    if (stream_.avail_in == 0 && !rest_.empty()) feed(std::exchange(rest_, {}));
    const auto room = stream_.avail_out;
    const int result = inflate(&stream_, Z_NO_FLUSH);
    if (result == Z_STREAM_END) {
      first_member_ = false;
      if (stream_.avail_in < next_member_size_min) state_ = State::ended;
      else begin_member();
    } else if (result != Z_OK) {
      // Z_BUF_ERROR without progress is a truncated stream: the output had room.
      state_ = !first_member_ && header_.done != 1 ? State::ended : State::broken;
      if (result == Z_DATA_ERROR && !in_trailer()) take_back(room);
    }
  }

  // Java's inflater throws away what a call wrote before it met malformed data, but has handed everything out before it reads a member's trailer.
  bool in_trailer() const { return stream_.msg != nullptr && std::string_view(stream_.msg).starts_with("incorrect"); }
  void take_back(uInt room) {
    stream_.next_out -= room - stream_.avail_out;
    stream_.avail_out = room;
  }

  z_stream stream_{};
  gz_header header_{};
  std::array<std::byte, 4> head_{};
  Bytes rest_;  // of the input, behind head_
  bool ready_ = false;
  bool first_member_ = true;
  State state_ = State::ended;
};

class GzipCompressor final : public Compressor {
 public:
  ~GzipCompressor() override { deflateEnd(&stream_); }

  void start(int32_t level, std::vector<std::byte>& out) override {
    deflateEnd(&stream_);
    stream_ = {};
    [[maybe_unused]] const int result = deflateInit2(&stream_, level, Z_DEFLATED, gzip_window_bits, memory_level, Z_DEFAULT_STRATEGY);
    assert(result == Z_OK);
    out_ = &out;
  }

  void write(Bytes plain) override {
    stream_.next_in = zlib_bytes(plain.data());
    stream_.avail_in = static_cast<uInt>(plain.size());
    while (stream_.avail_in > 0) run(Z_NO_FLUSH);
  }

  void finish() override {
    while (run(Z_FINISH) != Z_STREAM_END) {
    }
  }

 private:
  int run(int flush) {
    const size_t before = out_->size();
    out_->resize(before + output_step);
    stream_.next_out = zlib_bytes(out_->data() + before);
    stream_.avail_out = static_cast<uInt>(output_step);
    const int result = deflate(&stream_, flush);
    assert(result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR);
    out_->resize(before + output_step - stream_.avail_out);
    return result;
  }

  z_stream stream_{};
  std::vector<std::byte>* out_ = nullptr;
};

}  // namespace

std::unique_ptr<Decompressor> make_gzip_decompressor() { return std::make_unique<GzipDecompressor>(); }
std::unique_ptr<Compressor> make_gzip_compressor() { return std::make_unique<GzipCompressor>(); }

}  // namespace milena
