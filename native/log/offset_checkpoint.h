// The text of Kafka's checkpoint files: a version line ("0"), a count line, one entry per line.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "base/types.h"
#include "log/topic_partition.h"

namespace milena {

using OffsetMap = std::map<TopicPartition, Offset>;

// Entries "<topic> <partition> <offset>".
std::string format_offset_checkpoint(const OffsetMap& offsets);
// An empty text is an empty checkpoint. Errc::corrupt for anything else than the format.
Result<OffsetMap> parse_offset_checkpoint(std::string_view text);

struct EpochEntry {
  LeaderEpoch epoch;
  Offset start_offset;
  bool operator==(const EpochEntry&) const = default;
};

// leader-epoch-checkpoint: entries "<epoch> <start offset>".
std::string format_epoch_checkpoint(const std::vector<EpochEntry>& epochs);
Result<std::vector<EpochEntry>> parse_epoch_checkpoint(std::string_view text);

// partition.metadata: "version: 0" and "topic_id: <22 characters of URL-safe base64>".
std::string format_partition_metadata(const TopicId& topic_id);
Result<TopicId> parse_partition_metadata(std::string_view text);

}  // namespace milena
