#include "wire/validate.h"

#include <algorithm>

#include "base/endian.h"
#include "wire/recompress.h"
#include "wire/record_parse.h"

namespace milena {

namespace {

namespace layout = batch_layout;

constexpr size_t magic_end = layout::magic + 1;    // as much must be there to tell what a batch is
constexpr int32_t length_min = 14;                 // of the oldest format; anything below is garbage
constexpr int16_t produce_version_with_zstd = 7;   // KIP-110

// What begins at `bytes`: nothing whole, garbage, or a batch of `size` bytes in some format.
struct Framed {
  enum class Kind { none, corrupt, batch } kind = Kind::none;
  size_t size = 0;
  int8_t magic = 0;
};

Framed frame_batch(Bytes bytes) {
  if (bytes.size() < layout::overhead) return {};
  const auto length = load<int32_t>(bytes.data() + layout::length);
  if (length < length_min) return {.kind = Framed::Kind::corrupt};
  if (bytes.size() < magic_end) return {};
  const auto magic = load<int8_t>(bytes.data() + layout::magic);
  if (magic < 0 || magic > layout::magic_v2) return {.kind = Framed::Kind::corrupt};
  const size_t size = static_cast<size_t>(length) + layout::overhead;
  if (bytes.size() < size) return {};
  return {.kind = Framed::Kind::batch, .size = size, .magic = magic};
}

struct OneBatch {
  KafkaError error = KafkaError::none;
  size_t size = 0;
};

// What Kafka's ProduceRequest demands of every partition's records, before it looks for the partition's log.
OneBatch frame_one_batch(Bytes records, int16_t produce_version) {
  const Framed first = frame_batch(records);
  if (first.kind == Framed::Kind::corrupt) return {KafkaError::corrupt_message};
  if (first.kind == Framed::Kind::none || first.magic != layout::magic_v2) return {KafkaError::invalid_record};
  if (produce_version < produce_version_with_zstd && first.size > layout::attributes + 1 &&
      (load<uint16_t>(records.data() + layout::attributes) & layout::compression_mask) == static_cast<uint16_t>(Compression::zstd)) {
    return {KafkaError::unsupported_compression_type};
  }
  // A second batch is refused, half of one is cut off.
  const Framed second = frame_batch(records.subspan(first.size));
  if (second.kind == Framed::Kind::corrupt) return {KafkaError::corrupt_message};
  if (second.kind == Framed::Kind::batch) return {KafkaError::invalid_record};
  return {KafkaError::none, first.size};
}

// One call of validate_produced. Every step returns false once out_.error is set.
class Validation {
 public:
  Validation(const ValidationRules& rules, int64_t now_ms, CodecScratch& scratch) : rules_(rules), now_ms_(now_ms), scratch_(scratch) {}

  Validated run(MutableBytes records) {
    if (one_batch(records) && header_is_sound() && counts_and_producer_are_sound()) check_records();
    return std::move(out_);
  }

 private:
  bool fail(KafkaError error, bool with_log_start) {
    out_.error = error;
    out_.with_log_start = with_log_start;
    return false;
  }

  bool one_batch(MutableBytes records);
  bool header_is_sound();
  bool counts_and_producer_are_sound();
  bool check_records();

  bool walk_in_place(Compression codec);
  bool rewrite(Compression target);
  bool settle(WalkEnd end);
  bool check(const RecordHead& record);
  void refuse(int32_t index, std::string_view message);
  void correct_header(int64_t max_timestamp);

  const ValidationRules& rules_;
  int64_t now_ms_;
  CodecScratch& scratch_;
  Validated out_;
  int64_t max_timestamp_ = no_timestamp;
  bool any_timestamp_refused_ = false;
};

bool Validation::one_batch(MutableBytes records) {
  // A coordinator's own batches know no request version.
  const int16_t version = rules_.origin == AppendOrigin::client ? rules_.produce_version : produce_version_with_zstd;
  const OneBatch framed = frame_one_batch(records, version);
  if (framed.error != KafkaError::none) return fail(framed.error, false);
  out_.batch = records.first(framed.size);
  return true;
}

bool Validation::header_is_sound() {
  const MutableBytes batch = out_.batch;
  if (rules_.origin == AppendOrigin::client && load<int64_t>(batch.data() + layout::base_offset) != 0) {
    return fail(KafkaError::invalid_record, true);
  }
  if (batch.size() > static_cast<size_t>(std::max(rules_.max_message_bytes, 0))) return fail(KafkaError::message_too_large, false);
  const Result<BatchInfo> info = parse_batch_header(batch);
  if (!info || !batch_crc_matches(batch)) return fail(KafkaError::corrupt_message, false);
  out_.info = *info;
  if (out_.info.compression_id() > compression_id_max) return fail(KafkaError::unknown_server_error, true);
  return true;
}

bool Validation::counts_and_producer_are_sound() {
  const BatchInfo& info = out_.info;
  if (rules_.origin != AppendOrigin::client) return info.count >= 0 || fail(KafkaError::invalid_record, true);
  const bool counts_agree = info.last_offset_delta >= 0 && info.count == static_cast<int64_t>(info.last_offset_delta) + 1;
  if (!counts_agree || info.control() || (info.has_producer_id() && info.base_sequence < 0)) return fail(KafkaError::invalid_record, true);
  return true;
}

bool Validation::check_records() {
  const Compression source = out_.info.compression();
  const Compression target = rules_.compression.value_or(source);
  // Control records stay as their coordinator wrote them.
  const bool keep = source == target || (source == Compression::none && out_.info.control());
  return keep ? walk_in_place(source) : rewrite(target);
}

bool Validation::walk_in_place(Compression codec) {
  const Bytes payload = Bytes(out_.batch).subspan(layout::header_size);
  if (codec == Compression::none) {
    if (!settle(record_parse::walk_plain(payload, out_.info, [this](const RecordHead& record) { return check(record); }))) return false;
  } else {
    bool offsets_agree = true;
    Decompressor& decompressor = scratch_.decompressor(codec);
    decompressor.start(payload);
    RecordStream in(decompressor, scratch_.window());
    const WalkEnd end = record_parse::walk_stream(in, out_.info, [&](const RecordHead& record) {
      offsets_agree = offsets_agree && record.offset_delta == record.index;
      return check(record);
    });
    if (!settle(end)) return false;
    // Kafka then tries to rebuild the batch from records of which it has kept no keys.
    if (!offsets_agree) return fail(KafkaError::unknown_server_error, true);
  }
  correct_header(rules_.timestamp_type == TimestampType::log_append_time ? now_ms_ : max_timestamp_);
  return true;
}

bool Validation::rewrite(Compression target) {
  const Bytes payload = Bytes(out_.batch).subspan(layout::header_size);
  const Compression source = out_.info.compression();
  BatchRewriter rewriter(scratch_, target, rules_.levels, static_cast<size_t>(rules_.max_message_bytes));
  const auto head = [&](const RecordHead& record, uint32_t tail_size) { rewriter.record(record, tail_size); };
  const auto visit = [this](const RecordHead& record) { return check(record); };
  WalkEnd end = WalkEnd::complete;
  if (source == Compression::none) {
    RecordStream in(payload);
    end = record_parse::walk_rewriting(in, out_.info, rewriter, head, visit);
  } else {
    Decompressor& decompressor = scratch_.decompressor(source);
    decompressor.start(payload);
    RecordStream in(decompressor, scratch_.window());
    end = record_parse::walk_rewriting(in, out_.info, rewriter, head, visit);
  }
  if (!settle(end)) return false;
  if (rewriter.negative_timestamp()) return fail(KafkaError::unknown_server_error, true);
  const bool append_time = rules_.timestamp_type == TimestampType::log_append_time;
  out_.rebuilt = rewriter.finish(out_.info, append_time ? &now_ms_ : nullptr);
  if (rewriter.overflowed()) return fail(KafkaError::message_too_large, false);
  out_.batch = out_.rebuilt;
  out_.info = *parse_batch_header(out_.batch);
  return true;
}

// Malformed records outrank refused ones: Kafka meets them while it is still gathering the latter.
bool Validation::settle(WalkEnd end) {
  const bool failed = end == WalkEnd::structure || end == WalkEnd::unreadable;
  if (failed || out_.refusals.empty()) {
    out_.refusals.clear();
    if (end == WalkEnd::unreadable) return fail(KafkaError::unknown_server_error, true);
    return !failed || fail(KafkaError::invalid_record, true);
  }
  out_.message = any_timestamp_refused_ ? "records with an invalid timestamp were refused" : "records were refused";
  return fail(any_timestamp_refused_ ? KafkaError::invalid_timestamp : KafkaError::invalid_record, true);
}

// Always true: refusals are gathered, the walk goes on.
inline bool Validation::check(const RecordHead& record) {
  max_timestamp_ = std::max(max_timestamp_, record.timestamp);
  if (rules_.compacted && record.key_size < 0) {
    refuse(record.index, "a compacted topic needs keys");
  } else if (rules_.timestamp_type == TimestampType::create_time && record.timestamp != no_timestamp) {
    // Differences wrap as in Java; records of the far past and future are what the limits are for.
    const auto age_ms = static_cast<int64_t>(static_cast<uint64_t>(now_ms_) - static_cast<uint64_t>(record.timestamp));
    const auto ahead_ms = static_cast<int64_t>(0 - static_cast<uint64_t>(age_ms));
    if (age_ms > rules_.timestamp_before_max_ms || ahead_ms > rules_.timestamp_after_max_ms) {
      any_timestamp_refused_ = true;
      refuse(record.index, "the timestamp is outside of what the topic allows");
    }
  } else if (out_.info.timestamp_type() == TimestampType::log_append_time) {
    any_timestamp_refused_ = true;
    refuse(record.index, "LogAppendTime is not for the producer to set");
  }
  return true;
}

void Validation::refuse(int32_t index, std::string_view message) {
  if (out_.refusals.size() < record_refusals_max) out_.refusals.push_back({index, message});
}

// A client's maxTimestamp and timestamp type are corrected; a header that is right already keeps its bytes, its unused bits included.
void Validation::correct_header(int64_t max_timestamp) {
  BatchInfo& info = out_.info;
  if (info.timestamp_type() == rules_.timestamp_type && info.max_timestamp == max_timestamp) return;
  constexpr uint16_t kept = layout::compression_mask | layout::transactional_bit | layout::control_bit | layout::delete_horizon_bit;
  const uint16_t type_bit = rules_.timestamp_type == TimestampType::log_append_time ? layout::log_append_time_bit : uint16_t{0};
  info.attributes = static_cast<uint16_t>((info.attributes & kept) | type_bit);
  info.max_timestamp = max_timestamp;
  std::byte* to = out_.batch.data();
  store(to + layout::attributes, info.attributes);
  store(to + layout::max_timestamp, info.max_timestamp);
  restore_crc(out_.batch);
  info.crc = load<uint32_t>(to + layout::crc);
}

}  // namespace

FirstBatch look_at_first_batch(Bytes records) {
  const Framed first = frame_batch(records);
  FirstBatch seen;
  seen.corrupt = first.kind == Framed::Kind::corrupt;
  if (first.kind == Framed::Kind::batch && first.magic == layout::magic_v2 && first.size >= layout::attributes + 2) {
    seen.transactional = (load<uint16_t>(records.data() + layout::attributes) & layout::transactional_bit) != 0;
  }
  return seen;
}

KafkaError framing_error(Bytes records, int16_t produce_version) { return frame_one_batch(records, produce_version).error; }

Validated validate_produced(MutableBytes records, const ValidationRules& rules, int64_t now_ms, CodecScratch& scratch) {
  return Validation(rules, now_ms, scratch).run(records);
}

}  // namespace milena
