#include "wire/recompress.h"

#include <algorithm>

#include "base/endian.h"
#include "base/varint.h"

namespace milena {

namespace {

constexpr size_t staged_size = size_t{32} * 1024;

}  // namespace

BatchRewriter::BatchRewriter(CodecScratch& scratch, Compression codec, const CompressionLevels& levels, size_t size_max)
    : codec_(codec), size_max_(size_max) {
  out_.resize(batch_layout::header_size);
  if (codec == Compression::none) return;
  staged_.reserve(2 * staged_size);
  compressor_ = &scratch.compressor(codec);
  compressor_->start(level_of(codec, levels), out_);
}

void BatchRewriter::record(const RecordHead& head, uint32_t tail_size) {
  if (count_ == 0) base_timestamp_ = head.timestamp;
  max_timestamp_ = std::max(max_timestamp_, head.timestamp);
  negative_timestamp_ = negative_timestamp_ || head.timestamp < no_timestamp;

  std::byte fields[1 + varlong_bytes_max + varint_bytes_max] = {};  // the attributes byte stays 0
  const auto delta = static_cast<int64_t>(static_cast<uint64_t>(head.timestamp) - static_cast<uint64_t>(base_timestamp_));
  std::byte* fields_end = write_varint(write_varlong(fields + 1, delta), count_++);
  std::byte size[varint_bytes_max] = {};
  const auto fields_size = static_cast<uint32_t>(fields_end - fields);
  const std::byte* size_end = write_varint(size, static_cast<int32_t>(std::min<uint64_t>(uint64_t{fields_size} + tail_size, INT32_MAX)));
  take({size, size_end});
  take({fields, fields_end});
}

void BatchRewriter::take(Bytes bytes) {
  overflowed_ = overflowed_ || out_.size() > size_max_;
  if (overflowed_) return;
  std::vector<std::byte>& to = compressor_ != nullptr ? staged_ : out_;
  to.insert(to.end(), bytes.begin(), bytes.end());
  if (staged_.size() >= staged_size) flush();
}

void BatchRewriter::flush() {
  compressor_->write(staged_);
  staged_.clear();
}

std::vector<std::byte> BatchRewriter::finish(const BatchInfo& source, const int64_t* append_time_ms) {
  namespace layout = batch_layout;
  if (compressor_ != nullptr) {
    flush();
    compressor_->finish();
  }
  overflowed_ = overflowed_ || out_.size() > size_max_;
  const auto attributes = static_cast<uint16_t>(static_cast<uint16_t>(codec_) | (source.attributes & layout::transactional_bit) |
                                                (append_time_ms != nullptr ? layout::log_append_time_bit : 0));
  std::byte* to = out_.data();
  store<int64_t>(to + layout::base_offset, 0);
  store(to + layout::length, static_cast<int32_t>(out_.size() - layout::overhead));
  store<int32_t>(to + layout::leader_epoch, -1);
  store(to + layout::magic, layout::magic_v2);
  store(to + layout::attributes, attributes);
  store(to + layout::last_offset_delta, count_ - 1);
  store(to + layout::base_timestamp, base_timestamp_);
  store(to + layout::max_timestamp, append_time_ms != nullptr ? *append_time_ms : max_timestamp_);
  store(to + layout::producer_id, source.producer_id);
  store(to + layout::producer_epoch, source.producer_epoch);
  store(to + layout::base_sequence, source.base_sequence);
  store(to + layout::record_count, count_);
  restore_crc(out_);
  return std::move(out_);
}

}  // namespace milena
