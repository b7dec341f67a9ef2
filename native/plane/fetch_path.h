// Fetch: sessions, ranges of whole batches, waiting for more, sending from files. One object per request.
// Thread: the reactor's.
#pragma once
#include <memory>
#include <span>
#include <vector>

#include "plane/fetch_context.h"
#include "plane/fetch_item.h"
#include "plane/offload_task.h"
#include "plane/request.h"
#include "plane/timer_queue.h"
#include "plane/waiters.h"
#include "wire/fetch_request.h"
#include "wire/frame.h"

namespace milena {

class Reactor;
class FetchResponseWriter;
struct FetchPiece;

// A range of at least this many bytes is sent from its file, smaller ones are copied and sent together: measured, docs/architecture.md.
inline constexpr uint32_t send_file_bytes_one = 16 * 1024;      // when it is the only one
inline constexpr uint32_t send_file_bytes_several = 32 * 1024;  // when there are others

class FetchPath final : public Request, private TimerTarget {
 public:
  // Null: malformed.
  static Request* make(Reactor& reactor, const RequestHeader& header, Bytes frame);
  static void woken(FetchWaiter& waiter);

  void begin() override;
  bool answer(OutputQueue& out) override;
  bool abandon() override;
  void hurry() override;
  void retire() override;

 private:
  class Warming;
  FetchPath(Reactor& reactor, const RequestHeader& header);

  void timer_due() override;
  void refuse(KafkaError error);
  void resolve();
  void attempt();
  bool look_at_all();
  bool any_is_cold() const;
  bool park();
  void forget_waits();
  void unpark();
  void respond();
  void collect(Warming& cold);
  void fail(FetchItem& item);
  void warm();
  void offload(std::unique_ptr<Warming> warming);
  void warmed();
  bool is_from_file(const LogRange& range) const;
  bool is_named(const FetchItem& item);
  void write_partition(FetchResponseWriter& writer, size_t at) const;
  bool emit(OutputQueue& out, Bytes encoded, std::span<const FetchPiece> pieces);

  Reactor& reactor_;
  Timer timer_;
  const int16_t version_;
  const int32_t correlation_id_;
  FetchReader reader_;
  FetchContext context_;
  KafkaError refusal_ = KafkaError::none;  // the whole answer
  int32_t max_wait_ms_ = 0;
  int32_t min_bytes_ = 0;
  int32_t bytes_max_ = 0;
  std::vector<FetchItem> items_;  // those that can be read first, then those refused for good; the order of the answer
  size_t readable_ = 0;           // how many of them are of the first kind
  size_t ranges_ = 0;             // items with something to send
  std::vector<std::byte> copied_;  // ranges too small for sendfile, one behind the other
  int64_t deadline_ns_ = 0;
  FetchWaiter waiter_;
  std::vector<FetchWait> waits_;  // not resized while registered
  bool parked_ = false;
  bool wake_due_ = false;  // a wake is on its way although nothing waits any more
  bool warming_ = false;
  bool looks_again_ = false;  // when it has been brought in: ranges are known only then
  bool hurried_ = false;
  bool retired_ = false;
};

}  // namespace milena
