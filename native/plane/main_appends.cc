#include "plane/main_appends.h"

#include <cassert>
#include <vector>

#include "wire/batch.h"

namespace milena {

namespace {

struct MainAppend : Append {
  int64_t ticket = 0;
};

}  // namespace

void MainAppends::place(Partition& partition, const abi::AppendCommand& command) {
  const Result<BatchInfo> info = parse_batch_header(command.batch);
  if (!info || info->size_bytes != command.batch.size() || !batch_crc_matches(command.batch)) {
    return sink_.appended({command.ticket, code_of(KafkaError::corrupt_message), -1});
  }
  auto bytes = std::make_shared<std::vector<std::byte>>(command.batch.begin(), command.batch.end());
  auto append = std::make_unique<MainAppend>();
  append->batch = *bytes;
  append->info = *info;
  append->origin = AppendOrigin::coordinator;
  append->payload = std::move(bytes);
  append->owner = this;
  append->acks = 1;
  append->queued_epoch = {command.leader_epoch};
  append->ticket = command.ticket;
  const Enqueued enqueued = partition.enqueue(*append);
  if (is_placed(enqueued.placement)) static_cast<void>(append.release());  // until completed()
  else sink_.appended({command.ticket, code_of(append->error), -1});
}

void MainAppends::completed(Append* append) {
  const std::unique_ptr<MainAppend> own(static_cast<MainAppend*>(append));
  const int64_t base_offset = own->error == KafkaError::none ? own->base_offset.value : -1;
  sink_.appended({own->ticket, code_of(own->error), base_offset});
}

// Never called: nothing of main's waits for room or bytes, and the lane drains for it.
void MainAppends::wake(FetchWaiter*) { assert(false); }
void MainAppends::room(SpaceWaiter*) { assert(false); }
void MainAppends::take_drain(std::shared_ptr<Partition>) { assert(false); }

}  // namespace milena
