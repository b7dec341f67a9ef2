#include "bench/deal.h"

#include <algorithm>
#include <map>
#include <random>
#include <thread>

#include "bench/answers.h"
#include "bench/batches.h"
#include "bench/fetching.h"
#include "bench/pipelined.h"
#include "bench/requests.h"

namespace milena::bench {
namespace {

constexpr size_t end_offset_answer_bytes_max = 1 << 16;

using Batches = std::vector<std::shared_ptr<const Batch>>;

// Connections that are made one after the other and dealt to the threads in turn.
class Hands {
 public:
  Hands(const Options& options, size_t connections, Plan& plan) : plan_(plan) {
    const size_t processors = std::max(1u, std::thread::hardware_concurrency());
    const size_t wanted = options.threads > 0 ? static_cast<size_t>(options.threads) : processors;
    plan.threads.resize(std::min(wanted, connections));
    for (size_t i = 0; i < plan.threads.size(); i++) plan.tallies.push_back(std::make_unique<Tally>());
  }

  Tally& tally() { return *plan_.tallies[next_ % plan_.threads.size()]; }

  std::string connect(const Target& target, std::unique_ptr<Talk> talk) {
    auto socket = std::make_unique<Socket>();
    if (std::string problem = socket->connect(target); !problem.empty()) return problem;
    plan_.threads[next_++ % plan_.threads.size()].push_back({std::move(talk), std::move(socket)});
    return {};
  }

 private:
  Plan& plan_;
  size_t next_ = 0;
};

int64_t interval_ns(const Options& options, const Batch& batch) {
  const double batches_per_second = std::max(options.rate_bytes / static_cast<double>(batch.bytes.size()), options.rate_records / batch.records);
  return batches_per_second > 0 ? static_cast<int64_t>(1e9 * options.connections / batches_per_second) : 0;
}

// Partitions in turn, and for each of them the batches in turn.
std::vector<Request> requests_of(const Options& options, const Share& share, const Batches& batches) {
  std::vector<Request> requests;
  for (const auto& batch : batches) {
    for (const int32_t partition : share.partitions) {
      requests.push_back({produce_head(options.topic, partition, options.acks, batch->bytes.size()), batch});
    }
  }
  return requests;
}

std::string prepare_produce(const Options& options, const Clock& clock, Plan& plan) {
  std::string problem;
  Batches batches;
  for (Batch& batch : build_batches(options, clock.wall_ms(), problem)) batches.push_back(std::make_shared<const Batch>(std::move(batch)));
  if (!problem.empty()) return problem;
  const Pace pace{static_cast<size_t>(options.in_flight), interval_ns(options, *batches[0])};
  const std::vector<Share> shares = deal(options);
  Hands hands(options, shares.size(), plan);
  for (const Share& share : shares) {
    const auto error_of = options.acks == 0 ? nullptr : &produce_error;
    auto talk = std::make_unique<Pipelined>(requests_of(options, share, batches), pace, error_of, hands.tally());
    if (problem = hands.connect(share.target, std::move(talk)); !problem.empty()) return problem;
  }
  return {};
}

std::string prepare_fetch(const Options& options, Plan& plan) {
  const std::vector<Share> shares = deal(options);
  const FetchLimits limits{options.fetch_wait_ms, options.fetch_bytes};
  Hands hands(options, shares.size(), plan);
  for (const Share& share : shares) {
    std::vector<Position> positions;
    for (const int32_t partition : share.partitions) {
      const auto start = options.starts.find(partition);
      const int64_t offset = start == options.starts.end() ? 0 : start->second;
      positions.push_back({partition, offset, offset});
    }
    auto talk = std::make_unique<Fetching>(options.topic, std::move(positions), limits, hands.tally());
    if (std::string problem = hands.connect(share.target, std::move(talk)); !problem.empty()) return problem;
  }
  return {};
}

std::string prepare_ping(const Options& options, Plan& plan) {
  const bool metadata = options.metadata_topics > 0;
  const Pace pace{static_cast<size_t>(options.in_flight), 0};
  Hands hands(options, static_cast<size_t>(options.connections), plan);
  auto target = options.leaders.begin();
  for (int32_t i = 0; i < options.connections; i++) {
    std::vector<Request> requests(1);
    requests[0].head = metadata ? metadata_frame(options.topic, options.metadata_topics) : api_versions_frame();
    auto talk = std::make_unique<Pipelined>(std::move(requests), pace, metadata ? &metadata_error : &api_versions_error, hands.tally());
    if (std::string problem = hands.connect(target->second, std::move(talk)); !problem.empty()) return problem;
    if (++target == options.leaders.end()) target = options.leaders.begin();
  }
  return {};
}

// Where the log ends now: the consumer begins there.
std::string find_end(const Options& options, const Target& target, Position& position) {
  Socket socket;
  if (std::string problem = socket.connect(target); !problem.empty()) return problem;
  const Bytes answer = socket.call(end_offset_frame(options.topic, position.partition), end_offset_answer_bytes_max);
  const EndOffset end = answer.empty() ? EndOffset{malformed_answer, 0} : read_end_offset(answer);
  if (end.error != 0) return "the broker does not say where the log ends: error " + std::to_string(end.error);
  position.offset = end.offset;
  return {};
}

std::string prepare_latency(const Options& options, const Clock& clock, Plan& plan) {
  std::string problem;
  Options one_record = options;
  one_record.batch_records = 1;
  std::vector<Batch> batches = build_batches(one_record, clock.wall_ms(), problem);
  if (!problem.empty()) return problem;
  const auto& [partition, target] = *options.leaders.begin();
  Position position{partition, 0, 0};
  if (problem = find_end(options, target, position); !problem.empty()) return problem;
  plan.stamped.run = std::random_device{}();
  Hands hands(options, 2, plan);
  auto consumer = std::make_unique<StampedConsumer>(options, position, plan.stamped, hands.tally());
  if (problem = hands.connect(target, std::move(consumer)); !problem.empty()) return problem;
  auto producer = std::make_unique<StampedProducer>(options, partition, std::move(batches[0].bytes), plan.stamped, hands.tally());
  return hands.connect(target, std::move(producer));
}

}  // namespace

std::vector<Share> deal(const Options& options) {
  std::vector<Share> shares(static_cast<size_t>(options.connections));
  const auto connections = static_cast<int32_t>(shares.size());
  const auto partitions = static_cast<int32_t>(options.leaders.size());
  int32_t index = 0;
  for (const auto& [partition, leader] : options.leaders) {
    for (int32_t c = index % connections; c < connections; c += std::max(partitions, 1)) {
      Share& share = shares[static_cast<size_t>(c)];
      if (share.partitions.empty()) share.target = leader;
      if (share.target.host == leader.host && share.target.port == leader.port) share.partitions.push_back(partition);
    }
    index++;
  }
  std::erase_if(shares, [](const Share& share) { return share.partitions.empty(); });
  return shares;
}

std::string prepare(const Options& options, const Clock& clock, Plan& plan) {
  switch (options.mode) {
    case Mode::produce: return prepare_produce(options, clock, plan);
    case Mode::fetch: return prepare_fetch(options, plan);
    case Mode::ping: return prepare_ping(options, plan);
    case Mode::latency: return prepare_latency(options, clock, plan);
  }
  return {};
}

}  // namespace milena::bench
