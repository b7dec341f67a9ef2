// A whole data plane on a real directory and real sockets of the loopback, and a client that speaks the hot APIs, for the tests.
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "plane/data_plane.h"
#include "test/batch_builder.h"
#include "test/check.h"
#include "test/scratch_folder.h"
#include "wire/writer.h"

namespace milena::test {

inline constexpr int socket_deadline_s = 60;  // of waiting for an answer that must come

inline abi::LogConfig served_config() {
  abi::LogConfig config;
  config.max_compaction_lag_ms = INT64_MAX;
  config.segment_bytes = 1 << 30;
  config.segment_ms = 604'800'000;
  config.segment_index_bytes = 10 << 20;
  config.index_interval_bytes = 4096;
  config.retention_ms = config.retention_bytes = -1;
  config.file_delete_delay_ms = 60'000;
  config.max_message_bytes = 64 << 20;
  config.min_insync_replicas = 1;
  config.timestamp_before_max_ms = config.timestamp_after_max_ms = INT64_MAX;
  config.compression_gzip_level = -1;
  config.compression_lz4_level = 9;
  config.compression_zstd_level = 3;
  config.delete_ = true;
  config.flush_messages = config.flush_ms = INT64_MAX;
  return config;
}

inline abi::Options served_options() {
  abi::Options options;
  options.reactors = 2;
  options.socket_request_max_bytes = 100 << 20;
  options.queued_max_request_bytes = 256 << 20;
  options.connections_max_idle_ms = 600'000;
  options.max_connections = 10'000;
  options.fetch_max_bytes = 55 << 20;
  options.max_incremental_fetch_session_cache_slots = 1000;
  options.producer_id_expiration_ms = 86'400'000;
  options.retention_check_interval_ms = 300'000;
  options.recovery_point_checkpoint_interval_ms = 60'000;
  options.recovery_threads_per_data_dir = 1;
  options.node_id = 1;
  options.fault_hooks = true;
  return options;
}

// One socket; every call fails the test when it takes longer than the deadline.
class Client {
 public:
  explicit Client(uint16_t port) {
    socket_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval limit{socket_deadline_s, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  void send_bytes(Bytes bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      REQUIRE(sent > 0);
      bytes = bytes.subspan(static_cast<size_t>(sent));
    }
  }
  // A frame with its length.
  void send(const Buffer& frame) { send_bytes(with_length(frame)); }
  static Buffer with_length(const Buffer& frame) {
    Buffer out;
    WireWriter(out).int32(static_cast<int32_t>(frame.size()));
    out.insert(out.end(), frame.begin(), frame.end());
    return out;
  }
  // The next frame without its length; nullopt: the connection was closed.
  std::optional<Buffer> receive() {
    Buffer length(4);
    if (!fill(length)) return std::nullopt;
    Buffer frame(static_cast<size_t>(load<int32_t>(length.data())));
    if (!fill(frame)) return std::nullopt;
    return frame;
  }
  Buffer call(const Buffer& frame) {
    send(frame);
    std::optional<Buffer> answer = receive();
    REQUIRE(answer.has_value());
    return *answer;
  }
  bool is_closed() {
    std::byte one;
    return !fill(MutableBytes(&one, 1));
  }
  void finish_sending() { ::shutdown(socket_.get(), SHUT_WR); }
  void reset() {
    const linger now{1, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    socket_.reset();
  }
  int descriptor() const { return socket_.get(); }

 private:
  bool fill(MutableBytes into) {
    while (!into.empty()) {
      const ssize_t got = ::recv(socket_.get(), into.data(), into.size(), 0);
      REQUIRE(got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK));
      if (got <= 0) return false;
      into = into.subspan(static_cast<size_t>(got));
    }
    return true;
  }
  UniqueFd socket_;
};

// What main saw, copied.
struct SeenRequest {
  abi::ConnectionHandle connection;
  uint32_t listener;
  Buffer frame;
};

// A plane, its directory, and a main thread that is the test's.
class ServedPlane {
 public:
  explicit ServedPlane(abi::Options options = served_options()) {
    open(options);
  }
  ~ServedPlane() { plane.reset(); }
  void open(abi::Options options) {
    const std::string dir = directory + "/data";
    options.log_dirs = {dir};
    PlaneFailure failure;
    plane = DataPlane::open(options, [this] { rung(); }, failure);
    REQUIRE(plane != nullptr);
    port = plane->listen("127.0.0.1", 0, true, failure);
    REQUIRE(port != 0);
  }

  // A command's tag is its place in the variant.
  template <class Wanted, class... Commands>
  static constexpr uint8_t command_tag(const std::variant<Commands...>*) {
    uint8_t tag = 0;
    static_cast<void>(((std::is_same_v<Wanted, Commands> ? false : (tag++, true)) && ...));
    return tag;
  }
  template <class Command>
  bool submit(const Command& command) {
    std::vector<std::byte> bytes;
    abi::AbiWriter to(bytes);
    const size_t at = to.begin_message(command_tag<Command>(static_cast<const abi::Command*>(nullptr)));
    abi::write(to, command);
    to.end_message(at);
    return plane->submit(bytes);
  }

  // Leads partition 0 of the topic and waits until it is open.
  void lead(const std::string& topic, const abi::LogConfig& config = served_config(), bool is_internal = false, int32_t epoch = 0) {
    abi::LeadCommand command;
    command.partition = {next_handle_++, 1};
    command.topic_id = id_of(topic).bytes;
    command.topic = topic;
    command.leader_epoch = epoch;
    command.is_new = true;
    command.is_internal = is_internal;
    command.config = config;
    REQUIRE(submit(command));
    until([&] { return leds_ >= next_handle_; });
  }
  static Uuid id_of(const std::string& topic) {
    Uuid id;
    id.bytes.fill(std::byte{0x5a});
    for (size_t i = 0; i < topic.size() && i < 16; i++) id.bytes[i] = static_cast<std::byte>(topic[i]);
    return id;
  }
  // main's own append to the partition that was led first.
  void append(Bytes batch) { REQUIRE(submit(abi::AppendCommand{.partition = {0, 1}, .leader_epoch = 0, .ticket = 1, .batch = batch})); }
  void hold_syncs(bool hold) { REQUIRE(submit(abi::HoldSyncsCommand{hold})); }
  // From now on all calls of this kind.
  void fail_calls(abi::FaultCall call, int32_t error) { REQUIRE(submit(abi::FailCallCommand{.call = call, .nth = 1, .errno_ = error, .forever = true})); }
  void respond(abi::ConnectionHandle connection, Bytes response) { REQUIRE(submit(abi::RespondCommand{connection, response})); }
  void disconnect(abi::ConnectionHandle connection) { REQUIRE(submit(abi::DisconnectCommand{connection})); }

  SeenRequest next_request() {
    until([&] { return !requests_.empty(); });
    SeenRequest request = requests_.front();
    requests_.erase(requests_.begin());
    return request;
  }
  // Drains events until `done`.
  void until(const std::function<bool()>& done) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(socket_deadline_s);
    for (;;) {
      drain();
      if (done()) return;
      std::unique_lock hold(mutex_);
      REQUIRE(bell_.wait_until(hold, limit, [this] { return rung_; }));
      rung_ = false;
    }
  }
  int64_t counter(abi::Counter which) const { return plane->counters().read(which); }
  size_t closed_connections() const { return closed_; }
  // main's own appends that were answered.
  size_t appended() const { return appended_; }
  bool stopped_seen() const { return stopped_; }

  const ScratchFolder folder{"plane"};
  const std::string directory = folder.path();
  std::unique_ptr<DataPlane> plane;
  uint16_t port = 0;

 private:
  void rung() {
    const std::lock_guard hold(mutex_);
    rung_ = true;
    bell_.notify_all();
  }
  void drain() {
    Buffer into(1 << 20);
    for (;;) {
      int64_t size = plane->drain(into);
      if (size < 0) {
        into.resize(static_cast<size_t>(-size));
        size = plane->drain(into);
      }
      if (size == 0) return;
      take(Bytes(into).first(static_cast<size_t>(size)));
    }
  }
  void take(Bytes messages) {
    while (!messages.empty()) {
      abi::AbiReader head(messages);
      uint32_t size = 0;
      uint8_t tag = 0;
      REQUIRE(head.number(size) && head.number(tag));
      abi::AbiReader from(messages.subspan(5, size - 1));
      messages = messages.subspan(4 + size);
      const auto is = [tag](const auto* event) { return tag == abi::tag_of(event); };
      if (is(static_cast<const abi::RequestEvent*>(nullptr))) {
        abi::RequestEvent event;
        REQUIRE(abi::read(from, event));
        requests_.push_back({event.connection, event.listener, {event.frame.begin(), event.frame.end()}});
      }
      if (is(static_cast<const abi::ClosedEvent*>(nullptr))) closed_++;
      if (is(static_cast<const abi::LedEvent*>(nullptr))) leds_++;
      if (is(static_cast<const abi::AppendedEvent*>(nullptr))) appended_++;
      if (is(static_cast<const abi::StoppedEvent*>(nullptr))) stopped_ = true;
    }
  }

  std::mutex mutex_;
  std::condition_variable bell_;
  bool rung_ = false;  // guarded by mutex_
  std::vector<SeenRequest> requests_;
  uint32_t next_handle_ = 0;
  uint32_t leds_ = 0;
  size_t closed_ = 0;
  size_t appended_ = 0;
  bool stopped_ = false;
};

}  // namespace milena::test
