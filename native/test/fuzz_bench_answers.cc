// Any bytes as an answer to the load generator: read to their end or refused, and positions stay offsets.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "bench/answers.h"
#include "wire/batch.h"

using namespace milena;
using namespace milena::bench;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<std::byte> answer(size);
  for (size_t i = 0; i < size; i++) answer[i] = static_cast<std::byte>(data[i]);
  bool understood = produce_error(answer) != malformed_answer;
  understood |= api_versions_error(answer) != malformed_answer;
  understood |= metadata_error(answer) != malformed_answer;
  understood |= read_end_offset(answer).error != malformed_answer;
  std::vector<Position> positions{{0, 0, 0}, {1, 7, 7}};
  std::vector<Bytes> batches;
  const Fetched fetched = take_fetched(answer, positions, &batches);
  for (const Position& position : positions) {
    if (position.offset < 0 || position.log_start < 0) std::abort();
  }
  for (const Bytes batch : batches) {
    if (batch.data() < answer.data() || batch.data() + batch.size() > answer.data() + size) std::abort();
    RecordCursor records(batch.subspan(batch_layout::header_size));
    for (RecordView record; records.next(record);) understood = true;
  }
  return understood || fetched.error != malformed_answer ? 1 : 0;
}
