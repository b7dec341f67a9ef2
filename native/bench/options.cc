#include "bench/options.h"

#include <charconv>
#include <cstdlib>

namespace milena::bench {
namespace {

constexpr double seconds_min = 0.1, seconds_max = 86'400;
constexpr double rate_max = 1e12;
// A stamp and the number of the run: what the latency of a record is measured by.
constexpr int32_t stamped_record_bytes_min = 16;

bool number(std::string_view text, double min, double max, double& out) {
  char* end = nullptr;
  const std::string copy(text);
  out = std::strtod(copy.c_str(), &end);
  return !copy.empty() && end == copy.c_str() + copy.size() && out >= min && out <= max;
}

template <class T>
bool integer(std::string_view text, T min, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() && out >= min;
}

// PARTITION=HOST:PORT
bool leader(std::string_view text, Options& options) {
  const size_t equals = text.find('='), colon = text.rfind(':');
  int32_t partition = 0;
  if (equals == text.npos || colon == text.npos || colon < equals || !integer(text.substr(0, equals), 0, partition)) return false;
  options.leaders[partition] = {std::string(text.substr(equals + 1, colon - equals - 1)), std::string(text.substr(colon + 1))};
  return true;
}

// PARTITION=OFFSET
bool start(std::string_view text, Options& options) {
  const size_t equals = text.find('=');
  int32_t partition = 0;
  int64_t offset = 0;
  if (equals == text.npos || !integer(text.substr(0, equals), 0, partition)) return false;
  if (!integer(text.substr(equals + 1), int64_t{0}, offset)) return false;
  options.starts[partition] = offset;
  return true;
}

bool compression(std::string_view text, Compression& out) {
  constexpr std::string_view names[] = {"none", "gzip", "snappy", "lz4", "zstd"};
  for (uint8_t id = 0; id <= compression_id_max; id++) {
    if (text == names[id]) return out = static_cast<Compression>(id), true;
  }
  return false;
}

bool option(std::string_view name, std::string_view value, Options& o) {
  if (name == "--topic") return o.topic = value, !value.empty() && value.size() <= INT16_MAX;
  if (name == "--leader") return leader(value, o);
  if (name == "--start") return start(value, o);
  if (name == "--record") return integer(value, 1, o.record_bytes);
  if (name == "--batch") return integer(value, 1, o.batch_bytes);
  if (name == "--batch-records") return integer(value, 1, o.batch_records);
  if (name == "--compression") return compression(value, o.compression);
  if (name == "--data") return o.data_file = value, !value.empty();
  if (name == "--acks") return integer(value, int16_t{-1}, o.acks) && o.acks <= 1;
  if (name == "--connections") return integer(value, 1, o.connections);
  if (name == "--in-flight") return integer(value, 1, o.in_flight);
  if (name == "--threads") return integer(value, 1, o.threads);
  if (name == "--seconds") return number(value, seconds_min, seconds_max, o.seconds);
  if (name == "--rate-bytes") return number(value, 0, rate_max, o.rate_bytes);
  if (name == "--rate-records") return number(value, 0, rate_max, o.rate_records);
  if (name == "--fetch-bytes") return integer(value, 1, o.fetch_bytes);
  if (name == "--fetch-wait-ms") return integer(value, 0, o.fetch_wait_ms);
  if (name == "--metadata-topics") return integer(value, 0, o.metadata_topics);
  if (name == "--idle") return integer(value, 0, o.idle);
  return false;
}

bool mode(std::string_view text, Mode& out) {
  if (text == "produce") return out = Mode::produce, true;
  if (text == "fetch") return out = Mode::fetch, true;
  if (text == "ping") return out = Mode::ping, true;
  if (text == "latency") return out = Mode::latency, true;
  return false;
}

}  // namespace

bool read_options(int count, const char* const* arguments, Options& options, std::string& problem) {
  if (!mode(count > 1 ? arguments[1] : "", options.mode)) return problem = "the first argument is produce, fetch, ping or latency", false;
  for (int i = 2; i < count; i += 2) {
    if (i + 1 < count && option(arguments[i], arguments[i + 1], options)) continue;
    return problem = std::string("not understood: ") + arguments[i], false;
  }
  if (options.leaders.empty()) return problem = "--leader is needed", false;
  const bool needs_topic = options.mode != Mode::ping || options.metadata_topics > 0;
  if (needs_topic && options.topic.empty()) return problem = "--topic is needed", false;
  if (options.mode != Mode::latency) return true;
  if (options.rate_records <= 0) return problem = "--rate-records is needed", false;
  if (options.record_bytes < stamped_record_bytes_min) return problem = "--record is too small to be stamped", false;
  if (options.compression != Compression::none) return problem = "records are stamped: --compression does not go with latency", false;
  return true;
}

}  // namespace milena::bench
