#include "plane/fetch_path.h"

#include <algorithm>

#include "plane/page_cache.h"
#include "plane/reactor.h"
#include "wire/fetch_response.h"

namespace milena {

// Brings cold ranges into memory on a thread that may sleep.
class FetchPath::Warming final : public OffloadTask {
 public:
  explicit Warming(FetchPath& fetch) : fetch_(fetch), fetch_bytes_max_(fetch.bytes_max_) {}
  void add(const FetchItem& item) {
    log_dir = item.partition->identity().log_dir;
    if (item.is_cold) searches_.push_back({item.partition, Offset{item.wish.fetch_offset}, item.upper, static_cast<uint32_t>(item.wish.bytes_max)});
    else ranges_.push_back(item.range);
  }
  bool empty() const { return ranges_.empty() && searches_.empty(); }
  void run() override {
    // What becomes of a search that fails shows when the reactor looks again.
    int64_t left = fetch_bytes_max_;
    for (const Search& search : searches_) {
      const PartitionLog* log = search.partition->log();
      auto range = log->locate(search.from, search.upper, search.bytes_max, true);
      if (!range || range->size == 0 || left <= 0) continue;
      if (fetch_.reader_.read_committed) static_cast<void>(log->aborted_transactions(search.from, range->next_offset));
      left -= range->size;
      ranges_.push_back(std::move(*range));
    }
    for (const LogRange& range : ranges_) milena::warm(*range.file, range.position, range.size);
  }
  void done() override {
    FetchPath& fetch = fetch_;
    delete this;
    fetch.warmed();
  }

  uint32_t log_dir = 0;  // whose threads do it

 private:
  struct Search {
    std::shared_ptr<Partition> partition;
    Offset from;
    Offset upper;
    uint32_t bytes_max;
  };
  FetchPath& fetch_;
  const int32_t fetch_bytes_max_;
  std::vector<LogRange> ranges_;
  std::vector<Search> searches_;
};

FetchPath::FetchPath(Reactor& reactor, const RequestHeader& header)
    : reactor_(reactor), timer_(*this), version_(header.api_version), correlation_id_(header.correlation_id) {
  waiter_.owner = &reactor;
  waiter_.context = this;
}

Request* FetchPath::make(Reactor& reactor, const RequestHeader& header, Bytes frame) {
  thread_local FetchRequest request;  // keeps its vectors; the reactor's thread is its only user
  if (!request.parse(frame.subspan(header.body_offset), header.api_version)) return nullptr;
  auto* fetch = new FetchPath(reactor, header);
  fetch->reader_ = {.read_committed = request.isolation_level == 1, .follower = request.replica_id >= 0};
  fetch->max_wait_ms_ = request.max_wait_ms;
  fetch->bytes_max_ = std::min(request.max_bytes, reactor.shared().limits.fetch_bytes_max);
  fetch->min_bytes_ = std::min(request.min_bytes, fetch->bytes_max_);
  const bool is_bad = request.isolation_level < 0 || request.isolation_level > 1;
  if (is_bad) request.session_epoch = final_fetch_epoch;  // no session hears of it
  std::vector<FetchWish> wishes;
  fetch->refusal_ = fetch->context_.open(reactor.shared().sessions, request, header.api_version >= 13, reactor.shared().clock.wall_ms(), wishes);
  fetch->items_.resize(wishes.size());
  for (size_t i = 0; i < wishes.size(); i++) fetch->items_[i].wish = std::move(wishes[i]);
  if (is_bad) fetch->refuse(KafkaError::unknown_server_error);
  return fetch;
}

// Versions that name topics say it of every partition, too.
void FetchPath::refuse(KafkaError error) {
  refusal_ = error;
  if (version_ >= 13) items_.clear();
  for (FetchItem& item : items_) item.error = error;
}

void FetchPath::begin() {
  reactor_.shared().counters.add(abi::Counter::fetch_requests);
  if (refusal_ != KafkaError::none) return finish();
  resolve();
  deadline_ns_ = reactor_.now_ns() + static_cast<int64_t>(std::max(max_wait_ms_, 0)) * 1'000'000;
  attempt();
}

void FetchPath::resolve() {
  for (FetchItem& item : items_) {
    const bool by_id = version_ >= 13;
    const PartitionLookup& found = by_id ? reactor_.partitions().find(item.wish.topic_id, item.wish.index)
                                         : reactor_.partitions().find(item.wish.topic, item.wish.index);
    item.partition = found.partition;
    if (!item.partition) item.error = by_id && !found.topic_known ? KafkaError::unknown_topic_id : KafkaError::unknown_topic_or_partition;
  }
  const auto refused = std::stable_partition(items_.begin(), items_.end(), [](const FetchItem& item) { return item.partition != nullptr; });
  readable_ = static_cast<size_t>(refused - items_.begin());
}

// True: there is something that must be said now.
bool FetchPath::look_at_all() {
  int64_t left = bytes_max_;
  int64_t total = 0;
  bool urgent = false;
  ranges_ = 0;
  for (size_t i = 0; i < readable_; i++) {
    FetchItem& item = items_[i];
    look(item, reader_, std::min<int64_t>(item.wish.bytes_max, left), ranges_ == 0);
    urgent = urgent || item.error != KafkaError::none || item.diverging.end_offset.value >= 0;
    if (item.range.size == 0) continue;
    ranges_++;
    total += item.range.size;
    left = std::max<int64_t>(0, left - item.range.size);
  }
  return urgent || total >= min_bytes_;
}

bool FetchPath::any_is_cold() const {
  return std::any_of(items_.begin(), items_.end(), [](const FetchItem& item) { return item.is_cold; });
}

void FetchPath::attempt() {
  do {
    const bool is_urgent = look_at_all();
    if (any_is_cold()) return warm();
    if (is_urgent || readable_ == 0 || hurried_ || max_wait_ms_ <= 0 || deadline_ns_ <= reactor_.now_ns()) return respond();
  } while (!park());
}

// False: something moved meanwhile, look again.
bool FetchPath::park() {
  waits_.resize(readable_);
  bool registered = true;
  for (size_t i = 0; i < readable_ && registered; i++) {
    waits_[i].waiter = &waiter_;
    waits_[i].seen = items_[i].upper;
    waits_[i].read_committed = reader_.read_committed;
    registered = items_[i].partition->await_fetch(waits_[i]);
  }
  if (!registered) {
    forget_waits();
    if (!waiter_.woken()) return false;
    // One that was registered has spoken already: its wake looks again.
  }
  parked_ = true;
  reader_.patience = Patience::never_waits;
  reactor_.timers().set(timer_, deadline_ns_);
  reactor_.shared().counters.add(abi::Counter::fetches_parked);
  reactor_.shared().counters.add(abi::Counter::fetches_parked_now);
  return true;
}

void FetchPath::forget_waits() {
  for (size_t i = 0; i < waits_.size(); i++) items_[i].partition->forget_fetch(waits_[i]);
}

void FetchPath::unpark() {
  parked_ = false;
  reactor_.shared().counters.subtract(abi::Counter::fetches_parked_now);
  reactor_.timers().clear(timer_);
  forget_waits();
  wake_due_ = waiter_.woken();
}

void FetchPath::woken(FetchWaiter& waiter) {
  auto& fetch = *static_cast<FetchPath*>(waiter.context);
  const bool was_parked = fetch.parked_;
  if (was_parked) fetch.unpark();
  fetch.wake_due_ = false;
  if (fetch.retired_) return fetch.retire();
  waiter.rearm();
  if (!was_parked) return;
  fetch.reactor_.shared().counters.add(abi::Counter::fetches_woken);
  fetch.attempt();
}

void FetchPath::timer_due() {
  unpark();
  hurried_ = true;
  attempt();
}

void FetchPath::hurry() {
  hurried_ = true;
  if (parked_) timer_due();
}

bool FetchPath::abandon() {
  if (parked_) unpark();
  retired_ = wake_due_ || warming_;
  return !retired_;
}

void FetchPath::retire() {
  retired_ = true;
  if (!wake_due_ && !warming_) delete this;
}

// ---- the answer ----

bool FetchPath::is_from_file(const LogRange& range) const {
  return range.file->descriptor() >= 0 && range.size >= (ranges_ == 1 ? send_file_bytes_one : send_file_bytes_several);
}

// Copies the small ranges and makes sure that sending the large ones will not wait for a disk; if one would, a thread that may
// wait brings it in first.
void FetchPath::respond() {
  auto warming = std::make_unique<Warming>(*this);
  if (ranges_ > 0) collect(*warming);
  if (warming->empty()) return finish();
  offload(std::move(warming));
}

// Another thread finds the ranges and reads them; then the log is looked at once more, and waited for if others have taken the memory meanwhile.
void FetchPath::warm() {
  auto warming = std::make_unique<Warming>(*this);
  for (const FetchItem& item : items_)
    if (item.is_cold) warming->add(item);
  looks_again_ = true;
  reader_.patience = Patience::waits;
  offload(std::move(warming));
}

void FetchPath::offload(std::unique_ptr<Warming> warming) {
  warming_ = true;
  reactor_.shared().counters.add(abi::Counter::cold_reads);
  const uint32_t log_dir = warming->log_dir;
  reactor_.offload(*reactor_.shared().reading[log_dir], warming.release());
}

void FetchPath::collect(Warming& cold) {
  copied_.clear();
  for (size_t i = 0; i < readable_; i++) {
    FetchItem& item = items_[i];
    if (item.range.size == 0) continue;
    if (is_from_file(item.range)) {
      if (!is_cached(*item.range.file, item.range.position, item.range.size)) cold.add(item);
      continue;
    }
    item.copied_at = copied_.size();
    copied_.resize(copied_.size() + item.range.size);
    reactor_.shared().counters.add(abi::Counter::pread_calls);
    switch (read_cached(*item.range.file, item.range.position, MutableBytes(copied_).subspan(item.copied_at))) {
      case QuickRead::done: break;
      case QuickRead::cold: cold.add(item); break;
      case QuickRead::failed: fail(item); break;
    }
  }
}

void FetchPath::fail(FetchItem& item) {
  copied_.resize(item.copied_at);
  item.range = {};
  item.error = KafkaError::kafka_storage_error;
  item.high_watermark = item.last_stable = item.log_start = {-1};
}

void FetchPath::warmed() {
  warming_ = false;
  if (retired_) return retire();
  if (looks_again_) {
    looks_again_ = false;
    return attempt();
  }
  for (size_t i = 0; i < readable_; i++) {
    FetchItem& item = items_[i];
    if (item.range.size == 0 || is_from_file(item.range)) continue;
    const MutableBytes into = MutableBytes(copied_).subspan(item.copied_at, item.range.size);
    const Result<size_t> got = item.range.file->read_at(item.range.position, into);
    if (!got || *got != into.size()) return reactor_.disconnect(connection);
  }
  finish();
}

bool FetchPath::answer(OutputQueue& out) {
  thread_local std::vector<std::byte> encoded;
  thread_local std::vector<FetchPiece> pieces;
  PlaneShared& shared = reactor_.shared();
  FetchResponseWriter::Head head{.version = version_, .correlation_id = correlation_id_, .error = refusal_};
  if (head.error == KafkaError::none) {
    head.error = context_.begin_answer(shared.sessions, shared.clock.wall_ms(), items_.size(), head.session_id);
    if (head.error != KafkaError::none) items_.clear();
    std::erase_if(items_, [this](const FetchItem& item) { return !is_named(item); });
    context_.end_answer();
  }

  // Neighbours of one topic share its entry.
  const auto same_topic = [](const FetchItem& a, const FetchItem& b) { return a.wish.topic == b.wish.topic && a.wish.topic_id == b.wish.topic_id; };
  const auto run_end = [&](size_t begin) {
    size_t end = begin + 1;
    while (end < items_.size() && same_topic(items_[begin], items_[end])) end++;
    return end;
  };
  for (size_t at = 0; at < items_.size(); at = run_end(at)) head.topic_count++;
  FetchResponseWriter writer(encoded, pieces, head);
  for (size_t at = 0; at < items_.size();) {
    const size_t end = run_end(at);
    writer.topic(items_[at].wish.topic, items_[at].wish.topic_id, end - at);
    for (; at < end; at++) write_partition(writer, at);
  }
  writer.finish();
  return emit(out, encoded, pieces);
}

bool FetchPath::is_named(const FetchItem& item) {
  return context_.includes(item.wish, {.error = code_of(item.error),
                                       .high_watermark = item.high_watermark.value,
                                       .log_start = item.log_start.value,
                                       .has_records = item.range.size > 0,
                                       .diverges = item.diverging.end_offset.value >= 0});
}

void FetchPath::write_partition(FetchResponseWriter& writer, size_t at) const {
  const FetchItem& item = items_[at];
  thread_local std::vector<FetchAborted> aborted;
  aborted.clear();
  for (const AbortedTransaction& each : item.aborted) aborted.push_back({each.producer_id.value, each.first_offset.value});
  FetchResult result;
  result.index = item.wish.index;
  result.error = item.error;
  result.high_watermark = item.high_watermark.value;
  result.last_stable_offset = item.last_stable.value;
  result.log_start_offset = item.log_start.value;
  // As in Kafka: null where the log was asked in vain, empty where it was not asked at all.
  result.aborted_null = item.partition != nullptr && (item.error != KafkaError::none || !reader_.read_committed);
  result.aborted = aborted;
  result.records_size = item.range.size;
  result.records_id = static_cast<uint32_t>(at);
  if (item.diverging.end_offset.value >= 0) {
    result.diverging_epoch = item.diverging.leader_epoch.value;
    result.diverging_end_offset = item.diverging.end_offset.value;
  }
  writer.partition(result);
}

bool FetchPath::emit(OutputQueue& out, Bytes encoded, std::span<const FetchPiece> pieces) {
  for (const FetchPiece& piece : pieces) {
    reactor_.shared().counters.add(abi::Counter::fetch_bytes, piece.size);
    Bytes bytes;
    if (!piece.is_records) {
      bytes = encoded.subspan(piece.offset, piece.size);
    } else {
      const FetchItem& item = items_[piece.records_id];
      if (is_from_file(item.range)) {
        out.file(item.range.file, item.range.position, item.range.size);
        continue;
      }
      bytes = Bytes(copied_).subspan(item.copied_at, piece.size);
    }
    std::vector<std::byte>& to = out.bytes();
    to.insert(to.end(), bytes.begin(), bytes.end());
  }
  return true;
}

}  // namespace milena
