// Names of files and directories, as Apache Kafka gives them. Offsets in file names are 20 decimal digits.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/types.h"
#include "log/topic_partition.h"

namespace milena::file_names {

inline constexpr std::string_view log = ".log";
inline constexpr std::string_view offset_index = ".index";
inline constexpr std::string_view time_index = ".timeindex";
inline constexpr std::string_view transaction_index = ".txnindex";
inline constexpr std::string_view snapshot = ".snapshot";
inline constexpr std::string_view deleted = ".deleted";
inline constexpr std::string_view cleaned = ".cleaned";
inline constexpr std::string_view swap = ".swap";

inline constexpr const char* leader_epochs = "leader-epoch-checkpoint";
inline constexpr const char* partition_metadata = "partition.metadata";
inline constexpr const char* recovery_point = "recovery-point-offset-checkpoint";
inline constexpr const char* high_watermark = "replication-offset-checkpoint";
inline constexpr const char* log_start = "log-start-offset-checkpoint";
inline constexpr const char* clean_shutdown = ".kafka_cleanshutdown";
inline constexpr const char* boot_id = "milena.boot";  // ours; Kafka ignores it

// 00000000000000000042.log
std::string of_segment(Offset base, std::string_view suffix);
// The offset of a name that is 20 digits and `suffix`; nullopt for every other name.
std::optional<Offset> offset_of(std::string_view name, std::string_view suffix);
bool ends_with(std::string_view name, std::string_view suffix);

// <topic>-<partition>
std::string of_partition(const TopicPartition& partition);
std::optional<TopicPartition> partition_of(std::string_view name);

}  // namespace milena::file_names
