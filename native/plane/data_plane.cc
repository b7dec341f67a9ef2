#include "plane/data_plane.h"

#include <cstring>
#include <random>

#include "plane/listening_socket.h"

namespace milena {

namespace {

constexpr size_t computing_threads_max = 2;
constexpr size_t reading_threads_max = 2;  // per log directory

PartitionsOptions partitions_options(const abi::Options& options, const DiskBackends& backends) {
  PartitionsOptions into;
  for (const std::string_view dir : options.log_dirs) into.log_dirs.emplace_back(dir);
  into.lane_mode = options.append_mode == abi::AppendMode::lane;
  // A directory whose disk hangs must not hold all the memory there is.
  into.queued_bytes_max = static_cast<uint64_t>(options.queued_max_request_bytes) / 2;
  into.producer_id_expiration_ms = options.producer_id_expiration_ms;
  into.retention_check_interval_ms = options.retention_check_interval_ms;
  into.recovery_point_checkpoint_interval_ms = options.recovery_point_checkpoint_interval_ms;
  into.recovery_threads_per_data_dir = options.recovery_threads_per_data_dir;
  into.backends = backends;
  into.seed = std::random_device{}();
  return into;
}

ConnectionLimits connection_limits(const abi::Options& options) {
  return {.request_bytes_max = options.socket_request_max_bytes,
          .idle_ns_max = options.connections_max_idle_ms * 1'000'000,
          .send_buffer_bytes = options.socket_send_buffer_bytes,
          .receive_buffer_bytes = options.socket_receive_buffer_bytes,
          .fetch_bytes_max = options.fetch_max_bytes};
}

std::string misuse_of(const abi::Options& options) {
  if (options.reactors < 1 || options.reactors > reactors_max) return "reactors must be from 1 to " + std::to_string(reactors_max);
  if (options.log_dirs.empty()) return "logDirs is empty";
  if (options.queued_max_request_bytes <= 0) return "queuedMaxRequestBytes must be positive";
  if (options.socket_request_max_bytes <= 0) return "socketRequestMaxBytes must be positive";
  return {};
}

PlaneFailure failure_of(const OpenFailure& failure) {
  const bool locked = failure.why.code == Errc::locked;
  const std::string why = locked                           ? "another broker has locked it"
                          : failure.why.code == Errc::io   ? std::strerror(failure.why.cause)
                          : failure.why.code == Errc::corrupt ? "its files are damaged"
                                                           : "it cannot be opened";
  return {locked ? FailureCode::locked : FailureCode::io, failure.why.cause, "log directory " + failure.path + ": " + why};
}

}  // namespace

DataPlane::DataPlane(const abi::Options& options, std::function<void()> bell)
    : fault_hooks_(options.fault_hooks),
      mailbox_(counters_, std::move(bell)),
      budget_(static_cast<uint64_t>(options.queued_max_request_bytes), counters_),
      sessions_(options.max_incremental_fetch_session_cache_slots, std::random_device{}(), counters_),
      gate_(options.max_connections, counters_),
      computing_("compute", computing_threads_max) {}

DataPlane::~DataPlane() { close_now(); }

std::unique_ptr<DataPlane> DataPlane::open(const abi::Options& options, std::function<void()> bell, PlaneFailure& failure) {
  if (std::string why = misuse_of(options); !why.empty()) {
    failure = {FailureCode::misuse, 0, std::move(why)};
    return nullptr;
  }
  std::unique_ptr<DataPlane> plane(new DataPlane(options, std::move(bell)));
  if (!plane->start(options, failure)) return nullptr;
  return plane;
}

bool DataPlane::start(const abi::Options& options, PlaneFailure& failure) {
  std::string notice;
  const DiskBackends backends =
      available_backends({options.append_backend == abi::AppendBackend::io_uring, options.sync_backend}, notice);
  if (!notice.empty()) strait_.notice({abi::NoticeLevel::info, notice});
  OpenFailure why;
  partitions_ = Partitions::open(files_, clock_, strait_, counters_, partitions_options(options, backends), why);
  if (!partitions_) {
    failure = failure_of(why);
    return false;
  }
  for (size_t i = 0; i < options.log_dirs.size(); i++)
    reading_.push_back(std::make_unique<WorkerPool>("read-" + std::to_string(i), reading_threads_max));
  shared_.reset(new PlaneShared{clock_, partitions_->table(), mailbox_, budget_, counters_, sessions_, known_, gate_, computing_, reading_,
                                connection_limits(options), backends});
  Status started{};
  for (uint32_t i = 0; i < options.reactors && started; i++) {
    reactors_.push_back(std::make_unique<Reactor>(*shared_, i));
    started = reactors_.back()->start();
  }
  gathered_.resize(reactors_.size());
  acceptor_ = std::make_unique<Acceptor>(*shared_, reactors_);
  if (started) started = acceptor_->start();
  if (!started) failure = {FailureCode::io, started.cause, std::string("cannot start a thread: ") + std::strerror(started.cause)};
  return static_cast<bool>(started);
}

uint16_t DataPlane::listen(const std::string& host, uint16_t port, bool fast_path, PlaneFailure& failure) {
  ListeningSocket made = listen_on(host, port, failure);
  if (failure) return 0;
  acceptor_->add(std::move(made.socket), {.number = listeners_++, .fast_path = fast_path});
  return made.port;
}

// ---- commands ----

bool DataPlane::submit(Bytes messages) {
  const bool taken = apply_all(messages);
  for (size_t i = 0; i < gathered_.size(); i++) reactors_[i]->post_all(gathered_[i]);
  return taken;
}

bool DataPlane::apply_all(Bytes messages) {
  do {
    abi::AbiReader head(messages);
    uint32_t size = 0;
    if (!head.number(size) || size > head.left()) return false;
    abi::AbiReader from(messages.subspan(sizeof size, size));
    messages = messages.subspan(sizeof size + size);
    abi::Command command;
    if (!abi::read_command(from, command) || from.left() != 0 || !apply(command)) return false;
  } while (!messages.empty());
  return true;
}

void DataPlane::gather(abi::ConnectionHandle connection, Mail mail) {
  const uint32_t number = connection.index % static_cast<uint32_t>(reactors_max);
  // A handle nobody gave out is as stale as one of a closed connection.
  if (number < gathered_.size()) gathered_[number].push_back(std::move(mail));
}

namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

}  // namespace

bool DataPlane::apply(const abi::Command& command) {
  Partitions& partitions = *partitions_;
  const auto done = [](auto&&...) { return true; };
  return std::visit(
      Overloaded{
          [&](const abi::LeadCommand& c) { return partitions.lead(c), done(); },
          [&](const abi::SetConfigCommand& c) { return partitions.set_config(c), done(); },
          [&](const abi::DropCommand& c) { return partitions.drop(c), done(); },
          [&](const abi::DeleteBeforeCommand& c) { return partitions.delete_before(c), done(); },
          [&](const abi::AppendCommand& c) { return partitions.append(c), done(); },
          [&](const abi::ReadCommand& c) { return partitions.read(c), done(); },
          [&](const abi::WatchCommand& c) { return partitions.watch(c), done(); },
          [&](const abi::QueryCommand& c) { return partitions.query(c), done(); },
          [&](const abi::DirtCommand& c) { return partitions.dirt(c), done(); },
          [&](const abi::PlanCleaningCommand& c) { return partitions.plan_cleaning(c), done(); },
          [&](const abi::ReplaceSegmentsCommand& c) { return partitions.replace_segments(c), done(); },
          [&](const abi::RespondCommand& c) {
            return gather(c.connection, Respond{c.connection, {c.response.begin(), c.response.end()}}), done();
          },
          [&](const abi::DisconnectCommand& c) { return gather(c.connection, Disconnect{c.connection}), done(); },
          [&](const abi::RememberCommand& c) { return known_.remember(c.listener, c.request, c.response); },
          [&](const abi::ForgetCommand&) { return known_.forget(), done(); },
          [&](const abi::HoldSyncsCommand& c) {
            if (!fault_hooks_) return false;
            if (c.hold) files_.faults().hold_syncs();
            else files_.faults().release_syncs();
            return true;
          },
          [&](const abi::FailCallCommand& c) {
            if (!fault_hooks_) return false;
            files_.faults().fail_call(static_cast<FileCall>(c.call), c.nth, c.errno_, c.forever);
            return true;
          },
          [&](const abi::KillAtCallCommand& c) {
            if (!fault_hooks_) return false;
            files_.faults().kill_at(static_cast<FileCall>(c.call), c.nth);
            return true;
          },
      },
      command);
}

// ---- closing ----

void DataPlane::begin_close() {
  if (closer_.running()) return;
  if (!closer_.start("closing", [this] { close(close_grace); })) close(std::chrono::milliseconds(0));
}

void DataPlane::close_now() {
  closer_.join();
  close(std::chrono::milliseconds(0));
}

void DataPlane::close(std::chrono::milliseconds grace) {
  const std::lock_guard hold(closing_);
  if (closed_) return;
  closed_ = true;
  if (fault_hooks_) files_.faults().release_all();
  if (acceptor_) acceptor_->stop();
  for (const auto& reactor : reactors_) reactor->post(BeginDrain{});
  if (!reactors_.empty()) gate_.wait_until_empty(grace);
  if (partitions_) partitions_->quiesce();
  for (const auto& reactor : reactors_) reactor->stop();
  // What the pools still had comes back to reactors whose threads have ended.
  computing_.stop();
  for (const auto& pool : reading_) pool->stop();
  for (const auto& reactor : reactors_) reactor->finish();
  if (partitions_) partitions_->close();
  mailbox_.post_last(abi::StoppedEvent{});
}

}  // namespace milena
