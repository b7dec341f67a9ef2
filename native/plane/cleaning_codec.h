// The messages between plane, main and cleaning workers (abi.ts `cleaning`) as what the log understands.
#pragma once
#include <optional>
#include <vector>

#include "log/log_cleaner.h"
#include "plane/abi.gen.h"

namespace milena {

std::vector<std::byte> encode_plan(const CleaningJob& job);
// Nullopt: these bytes are no plan, or no task.
std::optional<CleaningJob> decode_job(Bytes plan, const abi::CleaningTask& task);
std::vector<std::byte> encode_group(const CleanedGroup& group);
std::optional<CleanedGroup> decode_group(Bytes bytes);

}  // namespace milena
