#include "log/cleaned_segment.h"

#include "log/file_names.h"
#include "os/whole_file.h"

namespace milena {
namespace {

constexpr size_t staged_bytes = size_t{1} << 20;

}  // namespace

std::string CleanedSegment::name(std::string_view suffix) const {
  return path_ + "/" + file_names::of_segment(base_, suffix) + std::string(file_names::cleaned);
}

Status CleanedSegment::begin() {
  max_timestamp_.offset = base_;
  discard();
  auto file = files_.open(name(file_names::log), OpenMode::create_new);
  if (!file) return file.why();
  log_ = std::move(*file);
  return {};
}

// Index entries by the rule of appending.
Status CleanedSegment::append(Bytes batch, const BatchInfo& info) {
  if (info.max_timestamp > max_timestamp_.timestamp_ms) max_timestamp_ = {info.max_timestamp, Offset{info.last_offset()}};
  if (bytes_since_entry_ > index_interval_bytes_) {
    tail_.offsets.push({static_cast<uint32_t>(info.last_offset() - base_.value), static_cast<uint32_t>(size_)});
    if (max_timestamp_.timestamp_ms > last_time_entry_ms_) {
      tail_.times.push({max_timestamp_.timestamp_ms, static_cast<uint32_t>(max_timestamp_.offset.value - base_.value)});
      last_time_entry_ms_ = max_timestamp_.timestamp_ms;
    }
    bytes_since_entry_ = 0;
  }
  bytes_since_entry_ += info.size_bytes;
  staged_.insert(staged_.end(), batch.begin(), batch.end());
  size_ += batch.size();
  return staged_.size() >= staged_bytes ? flush() : Status{};
}

Status CleanedSegment::flush() {
  if (staged_.empty()) return {};
  const WriteOutcome outcome = log_->write_at(size_ - staged_.size(), staged_);
  staged_.clear();
  if (!outcome) return outcome.status;
  // Left to the sync at the end, a gigabyte would go to the disk at once, and producers' group commits would stand behind it.
  return writeback_.start(*log_);
}

Status CleanedSegment::finish() {
  if (const Status status = flush(); !status) return status;
  if (max_timestamp_.timestamp_ms > last_time_entry_ms_) {
    tail_.times.push({max_timestamp_.timestamp_ms, static_cast<uint32_t>(max_timestamp_.offset.value - base_.value)});
  }
  if (const Status status = log_->sync(); !status) return status;
  if (const Status status = write_index_files(files_, name(file_names::offset_index), name(file_names::time_index), tail_, {}, tail_.total(), true, true); !status) {
    return status;
  }
  if (aborted_.empty()) return {};
  std::vector<std::byte> bytes(aborted_.size() * aborted_entry_bytes);
  for (size_t i = 0; i < aborted_.size(); i++) write_aborted_entry(aborted_[i], bytes.data() + i * aborted_entry_bytes);
  return write_whole(files_, name(file_names::transaction_index), bytes, true);
}

void CleanedSegment::discard() {
  log_.reset();
  for (const std::string_view suffix : {file_names::log, file_names::offset_index, file_names::time_index, file_names::transaction_index}) {
    // What cannot be removed is removed by the next open.
    static_cast<void>(files_.remove(name(suffix)));
  }
}

}  // namespace milena
