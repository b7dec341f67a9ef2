// zstd frames (RFC 8878); several may follow each other.
#include <zstd.h>

#include <cstdlib>

#include "wire/codecs.h"

namespace milena {

namespace {

// A frame may ask for a window of up to 128 MB; a context that grew beyond this is not kept.
constexpr size_t context_size_kept_max = size_t{8} * 1024 * 1024;

class ZstdDecompressor final : public Decompressor {
 public:
  ~ZstdDecompressor() override { ZSTD_freeDCtx(context_); }

  void start(Bytes compressed) override {
    if (context_ != nullptr && ZSTD_sizeof_DCtx(context_) > context_size_kept_max) {
      ZSTD_freeDCtx(context_);
      context_ = nullptr;
    }
    if (context_ == nullptr) context_ = ZSTD_createDCtx();
    broken_ = context_ == nullptr || ZSTD_isError(ZSTD_DCtx_reset(context_, ZSTD_reset_session_only)) != 0;
    in_ = {compressed.data(), compressed.size(), 0};
    frame_done_ = true;
  }

  Result<size_t> read(MutableBytes into) override {
    ZSTD_outBuffer out{into.data(), into.size(), 0};
    while (!broken_ && out.pos < out.size) {
      if (frame_done_ && in_.pos == in_.size) break;
      const size_t in_before = in_.pos;
      const size_t out_before = out.pos;
      const size_t hint = ZSTD_decompressStream(context_, &out, &in_);
      broken_ = ZSTD_isError(hint) != 0;
      frame_done_ = hint == 0;
      const bool stuck = in_.pos == in_before && out.pos == out_before;
      if (stuck && !frame_done_) broken_ = true;  // truncated
    }
    if (out.pos == 0 && broken_) return Status{Errc::corrupt};
    return out.pos;
  }

 private:
  ZSTD_DCtx* context_ = nullptr;
  ZSTD_inBuffer in_{};
  bool frame_done_ = true;
  bool broken_ = false;
};

class ZstdCompressor final : public Compressor {
 public:
  ZstdCompressor() : context_(ZSTD_createCCtx()) {
    if (context_ == nullptr) std::abort();  // out of memory, as a failed new
  }
  ~ZstdCompressor() override { ZSTD_freeCCtx(context_); }
  ZstdCompressor(const ZstdCompressor&) = delete;
  ZstdCompressor& operator=(const ZstdCompressor&) = delete;

  void start(int32_t level, std::vector<std::byte>& out) override {
    ZSTD_CCtx_reset(context_, ZSTD_reset_session_only);
    ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, level);
    out_ = &out;
  }

  void write(Bytes plain) override {
    ZSTD_inBuffer in{plain.data(), plain.size(), 0};
    while (in.pos < in.size) run(in, ZSTD_e_continue);
  }

  void finish() override {
    ZSTD_inBuffer in{nullptr, 0, 0};
    while (run(in, ZSTD_e_end) != 0) {
    }
  }

 private:
  size_t run(ZSTD_inBuffer& in, ZSTD_EndDirective directive) {
    const size_t before = out_->size();
    const size_t step = ZSTD_CStreamOutSize();
    out_->resize(before + step);
    ZSTD_outBuffer out{out_->data() + before, step, 0};
    const size_t left = ZSTD_compressStream2(context_, &out, &in, directive);
    if (ZSTD_isError(left) != 0) std::abort();  // only lack of memory makes it fail
    out_->resize(before + out.pos);
    return left;
  }

  ZSTD_CCtx* context_;
  std::vector<std::byte>* out_ = nullptr;
};

}  // namespace

std::unique_ptr<Decompressor> make_zstd_decompressor() { return std::make_unique<ZstdDecompressor>(); }
std::unique_ptr<Compressor> make_zstd_compressor() { return std::make_unique<ZstdCompressor>(); }

}  // namespace milena
