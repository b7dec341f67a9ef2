#include "bench/options.h"

#include <charconv>
#include <cstdlib>

namespace milena::bench {
namespace {

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

bool option(std::string_view name, std::string_view value, Options& o) {
  if (name == "--topic") return o.topic = value, !value.empty();
  if (name == "--leader") return leader(value, o);
  if (name == "--record") return integer(value, 1, o.record_bytes);
  if (name == "--batch") return integer(value, 1, o.batch_bytes);
  if (name == "--acks") return integer(value, int16_t{-1}, o.acks) && o.acks <= 1;
  if (name == "--connections") return integer(value, 1, o.connections);
  if (name == "--in-flight") return integer(value, 1, o.in_flight);
  if (name == "--seconds") return number(value, 0.1, 86'400, o.seconds);
  if (name == "--rate-bytes") return number(value, 0, 1e12, o.rate_bytes);
  if (name == "--fetch-bytes") return integer(value, 1, o.fetch_bytes);
  if (name == "--fetch-wait-ms") return integer(value, 0, o.fetch_wait_ms);
  return false;
}

}  // namespace

bool read_options(int count, char** arguments, Options& options, std::string& problem) {
  const std::string_view mode = count > 1 ? arguments[1] : "";
  if (mode != "produce" && mode != "fetch") return problem = "the first argument is produce or fetch", false;
  options.mode = mode == "produce" ? Mode::produce : Mode::fetch;
  for (int i = 2; i < count; i += 2) {
    if (i + 1 < count && option(arguments[i], arguments[i + 1], options)) continue;
    return problem = std::string("not understood: ") + arguments[i], false;
  }
  if (options.topic.empty() || options.leaders.empty()) return problem = "--topic and --leader are needed", false;
  return true;
}

}  // namespace milena::bench
