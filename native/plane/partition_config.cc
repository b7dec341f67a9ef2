#include "plane/partition_config.h"

#include <optional>

namespace milena {

namespace {

// nullopt: keep what the producer sent.
std::optional<Compression> compression_of(abi::CompressionType type) {
  switch (type) {
    case abi::CompressionType::producer: return std::nullopt;
    case abi::CompressionType::uncompressed: return Compression::none;
    case abi::CompressionType::gzip: return Compression::gzip;
    case abi::CompressionType::snappy: return Compression::snappy;
    case abi::CompressionType::lz4: return Compression::lz4;
    case abi::CompressionType::zstd: return Compression::zstd;
  }
  return std::nullopt;
}

}  // namespace

std::shared_ptr<const PartitionConfig> make_partition_config(const abi::LogConfig& from, int64_t producer_id_expiration_ms) {
  auto log = std::make_shared<LogConfig>();
  log->segment_bytes = static_cast<uint32_t>(from.segment_bytes);
  log->segment_ms = from.segment_ms;
  log->segment_jitter_ms = from.segment_jitter_ms;
  log->segment_index_bytes = static_cast<uint32_t>(from.segment_index_bytes);
  log->index_interval_bytes = static_cast<uint32_t>(from.index_interval_bytes);
  log->retention_ms = from.retention_ms;
  log->retention_bytes = from.retention_bytes;
  log->max_compaction_lag_ms = from.max_compaction_lag_ms;
  log->file_delete_delay_ms = from.file_delete_delay_ms;
  log->delete_old = from.delete_;
  log->compact = from.compact;
  log->producer_id_expiration_ms = producer_id_expiration_ms;

  auto config = std::make_shared<PartitionConfig>();
  config->log = std::move(log);
  config->rules.timestamp_type = from.log_append_time ? TimestampType::log_append_time : TimestampType::create_time;
  config->rules.timestamp_before_max_ms = from.timestamp_before_max_ms;
  config->rules.timestamp_after_max_ms = from.timestamp_after_max_ms;
  config->rules.compression = compression_of(from.compression_type);
  config->rules.levels = {from.compression_gzip_level, from.compression_lz4_level, from.compression_zstd_level};
  config->rules.max_message_bytes = from.max_message_bytes;
  config->rules.compacted = from.compact;
  config->min_insync_replicas = from.min_insync_replicas;
  config->flush_messages = from.flush_messages;
  config->flush_ms = from.flush_ms;
  config->write_caching = from.write_caching;
  return config;
}

}  // namespace milena
