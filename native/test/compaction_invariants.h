// What must hold of a compacted log, whatever was cleaned and when.
#pragma once
#include <map>
#include <set>

#include "test/batch_builder.h"
#include "test/check.h"
#include "log/partition_log.h"
#include "wire/marker.h"

namespace milena::test {

struct SentRecord {
  int64_t offset = -1;
  std::optional<std::string> key;
  std::optional<std::string> value;
  int64_t timestamp_ms = -1;
};

enum class Fate : uint8_t { open, committed, aborted };

struct SentLog {
  std::vector<std::pair<SentRecord, Fate>> records;  // by offset
  void decide(const std::vector<SentRecord>& transaction, bool commit) {
    for (const SentRecord& record : transaction) {
      for (auto& [sent, fate] : records) {
        if (sent.offset == record.offset) fate = commit ? Fate::committed : Fate::aborted;
      }
    }
  }
};

inline std::string text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// Every record of a log's bytes, decompressed.
struct FoundLog {
  std::vector<SentRecord> records;
  std::set<int64_t> aborting_markers;  // producer id << 32 | offset is not needed: offsets are unique
};

inline FoundLog read_log(Bytes bytes) {
  FoundLog found;
  int64_t next = 0;
  while (!bytes.empty()) {
    const auto info = parse_batch_header(bytes);
    if (!CHECK(info) || !CHECK(info->size_bytes <= bytes.size())) return found;
    const Bytes batch = bytes.first(info->size_bytes);
    bytes = bytes.subspan(info->size_bytes);
    CHECK(batch_crc_matches(batch));
    CHECK(info->base_offset >= next);
    CHECK(info->last_offset_delta >= 0);
    next = info->next_offset();
    if (info->control()) continue;
    Buffer plain(batch.begin() + batch_layout::header_size, batch.end());
    if (info->compressed()) {
      CodecScratch scratch;
      Decompressor& codec = scratch.decompressor(info->compression());
      codec.start(batch.subspan(batch_layout::header_size));
      plain.assign(1u << 16, std::byte{});
      size_t size = 0;
      for (;;) {
        const auto got = codec.read(MutableBytes(plain).subspan(size));
        if (!CHECK(got) || *got == 0) break;
        size += *got;
      }
      plain.resize(size);
    }
    RecordCursor cursor(plain);
    RecordView record;
    int32_t count = 0;
    int64_t last = info->base_offset - 1;
    while (count < info->count && cursor.next(record)) {
      const int64_t offset = info->base_offset + record.offset_delta;
      CHECK(offset > last);
      CHECK(offset <= info->last_offset());
      last = offset;
      count++;
      found.records.push_back({offset, record.has_key ? std::optional(text_of(record.key)) : std::nullopt,
                               record.has_value ? std::optional(text_of(record.value)) : std::nullopt, info->base_timestamp + record.timestamp_delta});
    }
    CHECK_EQ(count, info->count);
  }
  return found;
}

// `clean_end`: below it each key may appear once only.
inline void check_compacted(const SentLog& sent, Bytes bytes, const PartitionLog& log, Offset clean_end, int64_t now_ms, int64_t delete_retention_ms) {
  const FoundLog found = read_log(bytes);
  std::map<int64_t, const SentRecord*> by_offset;
  std::map<std::string, int64_t> latest_committed;
  std::map<int64_t, Fate> fates;
  for (const auto& [record, fate] : sent.records) {
    by_offset[record.offset] = &record;
    fates[record.offset] = fate;
    if (fate == Fate::committed && record.key) latest_committed[*record.key] = record.offset;
  }
  // What is there was sent so, and what was promised is there.
  std::set<int64_t> present;
  std::map<std::string, int> below;
  for (const SentRecord& record : found.records) {
    present.insert(record.offset);
    const auto original = by_offset.find(record.offset);
    if (!CHECK(original != by_offset.end())) continue;
    CHECK(original->second->key == record.key);
    CHECK(original->second->value == record.value);
    CHECK_EQ(record.timestamp_ms, original->second->timestamp_ms);
    if (record.offset >= clean_end.value) continue;
    CHECK(record.key.has_value());
    if (record.key && fates[record.offset] == Fate::committed) below[*record.key]++;
  }
  for (const auto& [key, offset] : latest_committed) {
    const SentRecord& record = *by_offset[offset];
    if (!record.value && now_ms >= record.timestamp_ms + delete_retention_ms) continue;  // a tombstone may have gone
    if (!CHECK(present.contains(offset))) std::fprintf(stderr, "the last record of %s, at offset %lld (%s, %lld ms old), is gone; clean below %lld\n", key.c_str(), static_cast<long long>(offset), record.value ? "value" : "tombstone", static_cast<long long>(now_ms - record.timestamp_ms), static_cast<long long>(clean_end.value));
  }
  for (const auto& [key, count] : below) {
    if (!CHECK(count <= 1)) std::fprintf(stderr, "%s is there %d times below %lld\n", key.c_str(), count, static_cast<long long>(clean_end.value));
  }
  for (const auto& [record, fate] : sent.records) {
    if (record.offset < clean_end.value || fate == Fate::aborted) continue;
    CHECK(present.contains(record.offset));
  }
  // A reader of committed records is told of every aborted one that is still there.
  const Offset end = log.ends().log_end.offset;
  const auto aborted = log.aborted_transactions(Offset{0}, end);
  REQUIRE(aborted);
  for (const SentRecord& record : found.records) {
    if (fates[record.offset] != Fate::aborted) continue;
    bool told = false;
    for (const AbortedTransaction& transaction : *aborted) told = told || transaction.first_offset.value <= record.offset;
    if (!CHECK(told)) std::fprintf(stderr, "a reader is not told that the record at offset %lld was aborted\n", static_cast<long long>(record.offset));
  }
}

}  // namespace milena::test
