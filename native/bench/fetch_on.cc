#include <map>

#include "bench/connections.h"
#include "bench/requests.h"
#include "bench/socket.h"

namespace milena::bench {

void fetch_on(const Options& options, const Share& share, const Clock& clock, int64_t deadline_ns, Tally& tally) {
  Socket socket;
  if (const std::string problem = socket.connect(share.target); !problem.empty()) return tally.broken(problem);
  std::map<int32_t, int64_t> positions;
  for (const int32_t partition : share.partitions) positions[partition] = 0;
  Histogram latencies;
  for (int64_t now = clock.monotonic_ns(); now < deadline_ns;) {
    const int64_t began = now;
    const Bytes answer = socket.send(fetch_frame(options, positions)) ? socket.receive() : Bytes{};
    if (answer.empty()) {
      tally.broken("the broker closed the connection");
      break;
    }
    now = clock.monotonic_ns();
    latencies.add(now - began);
    const Fetched fetched = take_fetched(answer, positions);
    if (fetched.error != 0) tally.refused(fetched.error);
    else tally.answered(fetched.bytes, fetched.records);
    if (fetched.bytes == 0) for (auto& [partition, offset] : positions) offset = 0;
  }
  tally.merge(latencies);
}

}  // namespace milena::bench
