#include "log/batch_cleaner.h"

#include <algorithm>

#include "base/endian.h"
#include "wire/record_parse.h"

namespace milena {
namespace {

constexpr size_t staged_bytes = size_t{32} << 10;

RecordStream stream_of(Bytes batch, const BatchInfo& info, CodecScratch& scratch) {
  const Bytes payload = batch.subspan(batch_layout::header_size);
  if (!info.compressed()) return RecordStream(payload);
  Decompressor& source = scratch.decompressor(info.compression());
  source.start(payload);
  return RecordStream(source, scratch.window());
}

struct DigestSink final : ByteSink {
  explicit DigestSink(const Digest128& secret) : hash(secret) {}
  void take(Bytes bytes) override { hash.update(bytes); }
  SipHash128 hash;
};

// What precedes a record's key.
struct RecordFront {
  int8_t attributes = 0;
  int64_t timestamp_delta = 0;
  int32_t offset_delta = 0;
  uint64_t end = 0;  // position behind the record
};

bool read_front(RecordStream& in, RecordFront& front) {
  int32_t size = 0;
  if (in.varint(size) != VarintRead::ok || size < 0) return false;
  front.end = in.position() + static_cast<uint64_t>(size);
  return in.byte(front.attributes) && in.varlong(front.timestamp_delta) == VarintRead::ok && in.varint(front.offset_delta) == VarintRead::ok &&
         in.position() <= front.end;
}

bool skip_to(RecordStream& in, uint64_t position) { return in.position() <= position && in.skip(position - in.position()); }

// The records that stay, with their offsets, as a payload behind a header.
class Rewriter final : public ByteSink {
 public:
  Rewriter(std::vector<std::byte>& out, CodecScratch& scratch, Compression codec)
      : out_(out), compressor_(codec == Compression::none ? nullptr : &scratch.compressor(codec)) {
    if (compressor_ != nullptr) compressor_->start(level_of(codec, CompressionLevels{}), out_);
  }
  void take(Bytes bytes) override {
    std::vector<std::byte>& to = compressor_ != nullptr ? staged_ : out_;
    to.insert(to.end(), bytes.begin(), bytes.end());
    if (staged_.size() >= staged_bytes) flush();
  }
  void record(int64_t timestamp_delta, int32_t offset_delta, uint64_t tail_size) {
    std::byte fields[1 + varlong_bytes_max + varint_bytes_max] = {};  // attributes are unused and 0
    const std::byte* fields_end = write_varint(write_varlong(fields + 1, timestamp_delta), offset_delta);
    std::byte size[varint_bytes_max] = {};
    const auto fields_size = static_cast<uint64_t>(fields_end - fields);
    const std::byte* size_end = write_varint(size, static_cast<int32_t>(fields_size + tail_size));
    take({size, size_end});
    take({fields, fields_end});
  }
  void finish() {
    if (compressor_ == nullptr) return;
    flush();
    compressor_->finish();
  }

 private:
  void flush() {
    compressor_->write(staged_);
    staged_.clear();
  }

  std::vector<std::byte>& out_;
  std::vector<std::byte> staged_;
  Compressor* const compressor_;
};

// Judges which records of a data batch stay.
class Judge final : public KeyVisitor {
 public:
  Judge(const CleaningRules& rules, const LatestOffsets& latest, const BatchInfo& info, std::vector<bool>& stays)
      : rules_(rules),
        latest_(latest),
        tombstones_stay_(!info.has_delete_horizon() || rules.now_ms < info.base_timestamp),
        stays_(stays) {}
  bool visit(int64_t offset, const Digest128* key, bool has_value) override {
    const bool stay = offset > rules_.latest.value || (key != nullptr && offset >= latest_.find(*key) && (has_value || tombstones_stay_));
    stays_.push_back(stay);
    if (stay) count++;
    if (stay && !has_value) tombstones = true;
    return true;
  }
  int32_t count = 0;
  bool tombstones = false;  // among those that stay

 private:
  const CleaningRules& rules_;
  const LatestOffsets& latest_;
  const bool tombstones_stay_;
  std::vector<bool>& stays_;
};

}  // namespace

Status visit_keys(Bytes batch, const BatchInfo& info, const Digest128& secret, CodecScratch& scratch, KeyVisitor& visitor) {
  if (info.compression_id() > compression_id_max) return {Errc::corrupt};
  RecordStream in = stream_of(batch, info, scratch);
  for (int32_t i = 0; i < info.count; i++) {
    RecordFront front;
    int32_t key_size = 0;
    if (!read_front(in, front) || in.varint(key_size) != VarintRead::ok) return {Errc::corrupt};
    Digest128 digest;
    if (key_size >= 0) {
      DigestSink sink(secret);
      in.start_copying(sink);
      const bool whole = in.skip(static_cast<uint64_t>(key_size));
      in.stop_copying();
      if (!whole) return {Errc::corrupt};
      digest = sink.hash.finish();
    }
    int32_t value_size = 0;
    if (in.varint(value_size) != VarintRead::ok || !skip_to(in, front.end)) return {Errc::corrupt};
    if (!visitor.visit(info.base_offset + front.offset_delta, key_size >= 0 ? &digest : nullptr, value_size >= 0)) return {};
  }
  return {};
}

bool BatchCleaner::last_of_producer(const BatchInfo& info) const {
  if (!info.has_producer_id()) return false;
  const auto found = std::lower_bound(producers_.begin(), producers_.end(), info.producer_id, [](const LastOfProducer& last, int64_t id) { return last.producer_id < id; });
  if (found == producers_.end() || found->producer_id != info.producer_id) return false;
  return found->last_data_offset >= 0 ? info.last_offset() == found->last_data_offset : info.control() && info.producer_epoch == found->epoch;
}

Result<BatchCleaner::Kept> BatchCleaner::clean(Bytes batch, const BatchInfo& info, std::vector<AbortedEntry>& aborted) {
  const bool spent = info.control() ? transactions_.marker_is_spent(info, batch, aborted) : transactions_.aborted(info);
  const bool horizon_passed = info.has_delete_horizon() && info.base_timestamp <= rules_.now_ms;
  const bool discard = spent && (!info.control() || horizon_passed);
  const bool stays_empty = last_of_producer(info) || info.next_offset() == rules_.upper.value;
  if (discard) return stays_empty ? empty(info) : Kept{{}, info, info.count};

  stays_.clear();
  Judge judge(rules_, latest_, info, stays_);
  if (info.control()) {
    stays_.assign(static_cast<size_t>(info.count), true);
    judge.count = info.count;
  } else if (const Status status = visit_keys(batch, info, latest_.secret(), scratch_, judge); !status) {
    return status;
  }
  if (judge.count == 0) return stays_empty ? empty(info) : Kept{{}, info, info.count};
  const bool new_horizon = (judge.tombstones || (spent && info.control())) && !info.has_delete_horizon();
  if (judge.count == info.count && !new_horizon) return Kept{batch, info, 0};
  const int64_t horizon_ms = new_horizon ? rules_.now_ms + rules_.delete_retention_ms : info.has_delete_horizon() ? info.base_timestamp : no_timestamp;
  return rewrite(batch, info, horizon_ms);
}

Result<BatchCleaner::Kept> BatchCleaner::rewrite(Bytes batch, const BatchInfo& info, int64_t delete_horizon_ms) {
  namespace layout = batch_layout;
  out_.resize(layout::header_size);
  Rewriter to(out_, scratch_, info.compression());
  const record_parse::Timestamps timestamps(info);
  const bool has_horizon = delete_horizon_ms != no_timestamp;
  int64_t base_timestamp = delete_horizon_ms;
  int64_t max_timestamp = no_timestamp;
  int32_t count = 0;
  RecordStream in = stream_of(batch, info, scratch_);
  for (int32_t i = 0; i < info.count; i++) {
    RecordFront front;
    if (!read_front(in, front)) return Status{Errc::corrupt};
    const bool stays = stays_[static_cast<size_t>(i)];
    if (stays) {
      const int64_t timestamp = timestamps.of(front.timestamp_delta);
      if (count++ == 0 && !has_horizon) base_timestamp = timestamp;
      max_timestamp = std::max(max_timestamp, timestamp);
      const auto delta = static_cast<int64_t>(static_cast<uint64_t>(timestamp) - static_cast<uint64_t>(base_timestamp));
      to.record(delta, front.offset_delta, front.end - in.position());
      in.start_copying(to);
    }
    const bool whole = skip_to(in, front.end);
    if (stays) in.stop_copying();
    if (!whole) return Status{Errc::corrupt};
  }
  to.finish();

  std::byte* header = out_.data();
  std::copy_n(batch.begin(), layout::header_size, out_.begin());
  const auto attributes = static_cast<uint16_t>((info.attributes & ~layout::delete_horizon_bit) | (has_horizon ? layout::delete_horizon_bit : 0));
  store(header + layout::length, static_cast<int32_t>(out_.size() - layout::overhead));
  store(header + layout::attributes, attributes);
  store(header + layout::base_timestamp, base_timestamp);
  if (info.timestamp_type() == TimestampType::create_time) store(header + layout::max_timestamp, max_timestamp);
  store(header + layout::record_count, count);
  restore_crc(out_);
  return Kept{out_, *parse_batch_header(out_), info.count - count};
}

// Only the header stays: offsets, producer, sequence.
BatchCleaner::Kept BatchCleaner::empty(const BatchInfo& info) {
  namespace layout = batch_layout;
  out_.assign(layout::header_size, std::byte{});
  std::byte* header = out_.data();
  constexpr uint16_t kept_bits = layout::log_append_time_bit | layout::transactional_bit | layout::control_bit;
  store(header + layout::base_offset, info.base_offset);
  store(header + layout::length, static_cast<int32_t>(layout::header_size - layout::overhead));
  store(header + layout::leader_epoch, info.leader_epoch);
  store(header + layout::magic, layout::magic_v2);
  store(header + layout::attributes, static_cast<uint16_t>(info.attributes & kept_bits));
  store(header + layout::last_offset_delta, info.last_offset_delta);
  store(header + layout::base_timestamp, info.max_timestamp);
  store(header + layout::max_timestamp, info.max_timestamp);
  store(header + layout::producer_id, info.producer_id);
  store(header + layout::producer_epoch, info.producer_epoch);
  store(header + layout::base_sequence, info.base_sequence);
  store(header + layout::record_count, int32_t{0});
  restore_crc(out_);
  return {out_, *parse_batch_header(out_), info.count};
}

}  // namespace milena
