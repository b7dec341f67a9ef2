#include "log/offset_checkpoint.h"

#include <charconv>
#include <optional>

namespace milena {
namespace {

constexpr int32_t checkpoint_version = 0;
constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr size_t id_bytes = 16;
constexpr size_t id_characters = 22;

template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Takes the next line off the front of `text`; nullopt at its end.
std::optional<std::string_view> next_line(std::string_view& text) {
  if (text.empty()) return std::nullopt;
  const size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string_view next_word(std::string_view& line) {
  const size_t end = line.find(' ');
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  return word;
}

// Reads version and count, then gives every further line to `entry`, which says whether it is well formed.
template <class Entry>
Status parse_lines(std::string_view text, Entry entry) {
  const auto version = next_line(text);
  if (!version) return {};
  if (number<int32_t>(*version) != checkpoint_version) return {Errc::corrupt};
  const auto count_line = next_line(text);
  if (!count_line) return {};
  const auto count = number<int64_t>(*count_line);
  int64_t found = 0;
  while (const auto line = next_line(text)) {
    if (!entry(*line)) return {Errc::corrupt};
    found++;
  }
  return count == found ? Status{} : Status{Errc::corrupt};
}

std::string header(size_t count) { return std::to_string(checkpoint_version) + "\n" + std::to_string(count) + "\n"; }

}  // namespace

std::string format_offset_checkpoint(const OffsetMap& offsets) {
  std::string text = header(offsets.size());
  for (const auto& [partition, offset] : offsets) {
    text += partition.topic + " " + std::to_string(partition.partition) + " " + std::to_string(offset.value) + "\n";
  }
  return text;
}

Result<OffsetMap> parse_offset_checkpoint(std::string_view text) {
  OffsetMap offsets;
  const Status status = parse_lines(text, [&](std::string_view line) {
    const std::string_view topic = next_word(line);
    const auto partition = number<int32_t>(next_word(line));
    const auto offset = number<int64_t>(line);
    if (topic.empty() || !partition || !offset || *offset < 0) return false;
    offsets[{std::string(topic), *partition}] = Offset{*offset};
    return true;
  });
  if (!status) return status;
  return offsets;
}

std::string format_epoch_checkpoint(const std::vector<EpochEntry>& epochs) {
  std::string text = header(epochs.size());
  for (const EpochEntry& entry : epochs) text += std::to_string(entry.epoch.value) + " " + std::to_string(entry.start_offset.value) + "\n";
  return text;
}

Result<std::vector<EpochEntry>> parse_epoch_checkpoint(std::string_view text) {
  std::vector<EpochEntry> epochs;
  const Status status = parse_lines(text, [&](std::string_view line) {
    const auto epoch = number<int32_t>(next_word(line));
    const auto offset = number<int64_t>(line);
    if (!epoch || !offset || *epoch < 0 || *offset < 0) return false;
    if (!epochs.empty() && (*epoch <= epochs.back().epoch.value || *offset <= epochs.back().start_offset.value)) return false;
    epochs.push_back({LeaderEpoch{*epoch}, Offset{*offset}});
    return true;
  });
  if (!status) return status;
  return epochs;
}

std::string format_partition_metadata(const TopicId& topic_id) {
  std::string text = "version: 0\ntopic_id: ";
  uint32_t bits = 0;
  uint32_t held = 0;
  for (const std::byte byte : topic_id.bytes) {
    bits = (bits << 8) | std::to_integer<uint32_t>(byte);
    held += 8;
    for (; held >= 6; held -= 6) text += base64_digits[(bits >> (held - 6)) & 63];
  }
  text += base64_digits[(bits << (6 - held)) & 63];
  return text;
}

Result<TopicId> parse_partition_metadata(std::string_view text) {
  const auto version = next_line(text);
  const auto id_line = next_line(text);
  constexpr std::string_view prefix = "topic_id: ";
  if (version != "version: 0" || !id_line || !id_line->starts_with(prefix)) return Status{Errc::corrupt};
  const std::string_view id = id_line->substr(prefix.size());
  if (id.size() != id_characters) return Status{Errc::corrupt};
  TopicId topic_id;
  uint32_t bits = 0;
  uint32_t held = 0;
  size_t at = 0;
  for (const char c : id) {
    const size_t digit = base64_digits.find(c);
    if (digit == std::string_view::npos) return Status{Errc::corrupt};
    bits = (bits << 6) | static_cast<uint32_t>(digit);
    held += 6;
    if (held >= 8 && at < id_bytes) {
      topic_id.bytes[at++] = static_cast<std::byte>(bits >> (held - 8));
      held -= 8;
    }
  }
  return topic_id;
}

}  // namespace milena
