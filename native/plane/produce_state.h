// One Produce request under way. Pooled: it keeps its vectors from request to request.
// Owner: ProducePath. Thread: the reactor's; the batches are lent to partitions meanwhile.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "plane/append.h"
#include "plane/frame_buffer.h"
#include "plane/offload_task.h"
#include "plane/partition_config.h"
#include "plane/request.h"
#include "plane/timer_queue.h"
#include "plane/waiters.h"
#include "wire/produce_request.h"
#include "wire/validate.h"

namespace milena {

class Reactor;
class ProducePath;
struct RequestHeader;
struct ProduceResult;

// A batch of more than this is validated by another thread: it would hold up every connection of the reactor.
inline constexpr size_t offload_compressed_bytes = 64 * 1024;
inline constexpr size_t offload_plain_bytes = 1 << 20;
inline constexpr size_t offload_rebuilt_bytes = 16 * 1024;  // compressed anew because of compression.type

class ProduceState final : public Request, private TimerTarget, private OffloadTask {
 public:
  ProduceState(Reactor& reactor, ProducePath& path) : reactor_(reactor), path_(path), timer_(*this) {}

  // False: malformed.
  bool parse(const RequestHeader& header, Frame frame);
  void begin() override;
  bool answer(OutputQueue& out) override;
  bool abandon() override;
  void retire() override;
  void completed(Append& append);
  void room();

 private:
  // One partition of the request.
  struct Slot : Append {
    std::shared_ptr<Partition> target;
    Validated validated;
    bool transactional = false;
    bool before_log = false;  // refused before the partition was asked: the answer has no log start
  };
  struct Topic {
    std::string name;
    Uuid id;
    uint32_t begin = 0;
    uint32_t end = 0;
  };
  enum class Step : uint8_t { next, waits };

  void timer_due() override;
  void run() override;   // OffloadTask
  void done() override;
  bool refuse_all();
  void advance();
  Step prepare(Slot& slot);
  bool find(Slot& slot, const ProducePartition& part);
  bool is_long(MutableBytes records, const ValidationRules& rules) const;
  Step place(Slot& slot);
  void placed_all();
  void refuse(Slot& slot, KafkaError error);
  void fill(ProduceResult& result, const Slot& slot) const;

  Reactor& reactor_;
  ProducePath& path_;
  Timer timer_;
  SpaceWaiter space_;
  ProduceRequest views_;
  std::shared_ptr<void> frame_;  // keeps it alive
  size_t frame_bytes_ = 0;
  std::vector<Slot> slots_;
  std::vector<Topic> topics_;
  size_t topic_count_ = 0;
  std::shared_ptr<const PartitionConfig> offloaded_config_;  // of the batch being validated elsewhere
  int64_t offloaded_now_ms_ = 0;
  int16_t version_ = 0;
  int16_t acks_ = 0;
  int32_t correlation_id_ = 0;
  int32_t timeout_ms_ = 0;
  size_t next_ = 0;     // the slot to be placed
  size_t pending_ = 0;  // slots lent to partitions
  bool waited_ = false;  // the connection stood still for it at least once
};

}  // namespace milena
