#include "log/file_names.h"

#include <charconv>
#include <cinttypes>
#include <cstdio>

namespace milena::file_names {
namespace {

constexpr size_t digits = 20;
constexpr size_t topic_name_max = 249;

template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string of_segment(Offset base, std::string_view suffix) {
  char name[digits + 1];
  std::snprintf(name, sizeof name, "%020" PRId64, base.value);
  return std::string(name, digits).append(suffix);
}

std::optional<Offset> offset_of(std::string_view name, std::string_view suffix) {
  if (name.size() != digits + suffix.size() || !ends_with(name, suffix)) return std::nullopt;
  for (const char c : name.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
  }
  const auto value = number<int64_t>(name.substr(0, digits));
  if (!value) return std::nullopt;
  return Offset{*value};
}

bool ends_with(std::string_view name, std::string_view suffix) { return name.ends_with(suffix); }

std::string of_partition(const TopicPartition& partition) { return partition.topic + "-" + std::to_string(partition.partition); }

std::optional<TopicPartition> partition_of(std::string_view name) {
  const size_t dash = name.rfind('-');
  if (dash == std::string_view::npos || dash == 0 || dash > topic_name_max || dash + 1 == name.size()) return std::nullopt;
  for (const char c : name.substr(0, dash)) {
    const bool legal = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    if (!legal) return std::nullopt;
  }
  const auto partition = number<int32_t>(name.substr(dash + 1));
  if (!partition || *partition < 0) return std::nullopt;
  return TopicPartition{std::string(name.substr(0, dash)), *partition};
}

}  // namespace milena::file_names
