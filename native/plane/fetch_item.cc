#include "plane/fetch_item.h"

namespace milena {

namespace {

KafkaError check_epoch(const FetchWish& wish, const PartitionView& view) {
  if (view.error != KafkaError::none) return view.error;
  if (wish.current_leader_epoch < 0) return KafkaError::none;
  if (wish.current_leader_epoch < view.leader_epoch.value) return KafkaError::fenced_leader_epoch;
  if (wish.current_leader_epoch > view.leader_epoch.value) return KafkaError::unknown_leader_epoch;
  return KafkaError::none;
}

// KIP-595: the log the reader has ends in another epoch than ours did there.
KafkaError check_last_epoch(FetchItem& item, const PartitionView& view) {
  const FetchWish& wish = item.wish;
  if (wish.last_fetched_epoch < 0) return KafkaError::none;
  const EpochEnd end = view.log == nullptr ? EpochEnd{} : view.log->end_offset_for({wish.last_fetched_epoch});
  if (end.end_offset.value < 0 || end.leader_epoch.value < 0) return KafkaError::offset_out_of_range;
  if (end.leader_epoch.value < wish.last_fetched_epoch || end.end_offset.value < wish.fetch_offset) item.diverging = end;
  return KafkaError::none;
}

KafkaError failed(FetchItem& item, Status why) {
  item.is_cold = why.code == Errc::would_wait;
  if (item.is_cold) return KafkaError::none;
  return why.code == Errc::out_of_range ? KafkaError::offset_out_of_range : KafkaError::kafka_storage_error;
}

KafkaError find_range(FetchItem& item, const PartitionView& view, const FetchReader& reader, int64_t bytes_max, bool at_least_one) {
  const Offset from{item.wish.fetch_offset};
  if (from < view.log_start || from > view.log_end) return KafkaError::offset_out_of_range;
  if (from >= item.upper || view.log == nullptr) return KafkaError::none;
  if (bytes_max < 0) return KafkaError::unknown_server_error;
  Result<LogRange> range = view.log->locate(from, item.upper, static_cast<uint32_t>(bytes_max), at_least_one, reader.patience);
  if (!range) return failed(item, range.why());
  if (reader.read_committed && range->size > 0) {
    auto aborted = view.log->aborted_transactions(from, range->next_offset, reader.patience);
    if (!aborted) return failed(item, aborted.why());
    item.aborted = std::move(*aborted);
  }
  item.range = std::move(*range);
  return KafkaError::none;
}

}  // namespace

void look(FetchItem& item, const FetchReader& reader, int64_t bytes_max, bool at_least_one) {
  item.range = {};
  item.is_cold = false;
  item.aborted.clear();
  item.diverging = {};
  item.high_watermark = item.last_stable = item.log_start = {-1};
  const PartitionView view = item.partition->view();
  item.error = check_epoch(item.wish, view);
  // No other broker is a replica of this partition yet; the codes are those Kafka gives a replica it does not know.
  if (item.error == KafkaError::none && reader.follower)
    item.error = item.wish.current_leader_epoch >= 0 ? KafkaError::unknown_leader_epoch : KafkaError::not_leader_or_follower;
  if (item.error == KafkaError::none) item.error = check_last_epoch(item, view);
  item.upper = reader.read_committed ? view.last_stable : view.high_watermark;
  if (item.error == KafkaError::none && item.diverging.end_offset.value < 0)
    item.error = find_range(item, view, reader, bytes_max, at_least_one);
  if (item.error != KafkaError::none) return;
  item.high_watermark = view.high_watermark;
  item.last_stable = view.last_stable;
  item.log_start = view.log_start;
}

}  // namespace milena
