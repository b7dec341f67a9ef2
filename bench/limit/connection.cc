#include "connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "base/crc32c.h"
#include "named.h"
#include "wire/batch_layout.h"
#include "wire/frame.h"

namespace milena::limit {
namespace {

namespace at = batch_layout;

constexpr size_t receive_bytes = 1 << 20;
constexpr int16_t corrupt_message = 2;
constexpr int16_t create_topics_key = 19, delete_topics_key = 20, metadata_key = 3, api_versions_key = 18;
// What the answer holds of a partition's produce: base offset, append time, log start.
constexpr int64_t unknown_offset = -1;
constexpr int32_t node_id = 0;

bool sound(Bytes batch) {
  return batch.size() >= at::header_size && crc32c(batch.subspan(at::attributes)) == load<uint32_t>(&batch[at::crc]);
}

}  // namespace

Connection::Connection(int socket, int32_t port, Topics& topics, bool syncs) : socket_(socket), port_(port), topics_(topics), buffer_(receive_bytes) {
  if (syncs) syncer_ = std::make_unique<Syncer>(socket);
}

void Connection::serve() {
  while (true) {
    const size_t left = to_ - from_;
    const size_t whole = left < frame_length_size ? frame_length_size : frame_length_size + load<uint32_t>(&buffer_[from_]);
    if (left >= whole && whole > frame_length_size) {
      const MutableBytes frame = MutableBytes(buffer_).subspan(from_ + frame_length_size, whole - frame_length_size);
      from_ += whole;
      if (!serve_request(frame)) return;
      continue;
    }
    if (!flush()) return;
    const bool fits = from_ + whole <= buffer_.size() && to_ < buffer_.size() && from_ != to_;
    if (!fits) {
      std::memmove(buffer_.data(), &buffer_[from_], left);
      from_ = 0;
      to_ = left;
      if (buffer_.size() < whole) buffer_.resize(whole + receive_bytes);
    }
    if (!receive()) return;
  }
}

bool Connection::receive() {
  const ssize_t got = recv(socket_, &buffer_[to_], buffer_.size() - to_, 0);
  if (got > 0) to_ += static_cast<size_t>(got);
  return got > 0;
}

bool Connection::serve_request(MutableBytes frame) {
  WireReader in(frame);
  const int16_t key = in.int16(), version = in.int16();
  const int32_t correlation_id = in.int32();
  bool null = false;
  in.nullable_string(false, null);
  if (!in.ok()) return false;
  if (key == api::fetch) return flush() && (!syncer_ || syncer_->settle()) && fetch(in, correlation_id);
  const size_t begin = answers_.size();
  WireWriter to(answers_);
  to.int32(0);
  to.int32(correlation_id);
  bool answered = true;
  if (key == api::produce) answered = produce(in, to, frame);
  else if (key == api_versions_key) api_versions(to);
  else if (key == metadata_key) metadata(in, to, version);
  else if (key == api::list_offsets) end_offset(in, to);
  else if (key == create_topics_key) create_topics(in, to);
  else if (key == delete_topics_key) delete_topics(in, to);
  else return false;
  if (!answered) {
    // acks=0: its room in the answers is written to, and goes nowhere.
    const bool written = append_all(arrived_, answers_);
    arrived_.clear();
    answers_.resize(begin);
    return written && in.ok();
  }
  to.patch_int32(begin, static_cast<int32_t>(answers_.size() - begin - frame_length_size));
  return in.ok();
}

bool Connection::flush() {
  if (arrived_.empty() && answers_.empty()) return true;
  if (!append_all(arrived_, answers_)) return false;
  bool good = true;
  if (syncer_ && !arrived_.empty()) {
    touched_.clear();
    for (const Arrived& one : arrived_) {
      if (touched_.empty() || touched_.back() != one.log) touched_.push_back(one.log);
    }
    syncer_->hand_over(touched_, answers_);
  } else {
    good = (!syncer_ || syncer_->settle()) && send_all(socket_, answers_);
  }
  arrived_.clear();
  answers_.clear();
  return good;
}

void Connection::api_versions(WireWriter& to) {
  constexpr int16_t served[][2] = {{api::produce, 7}, {api::fetch, 11}, {api::list_offsets, 1}, {metadata_key, 4}, {api_versions_key, 0}, {create_topics_key, 2}, {delete_topics_key, 1}};
  to.int16(0);
  to.int32(std::size(served));
  for (const auto& [key, version] : served) {
    to.int16(key);
    to.int16(key == metadata_key ? int16_t{1} : version);
    to.int16(version);
  }
}

void Connection::create_topics(WireReader& in, WireWriter& to) {
  to.int32(0);
  const uint32_t count = in.array_size(false);
  to.int32(static_cast<int32_t>(count));
  for (uint32_t i = 0; i < count && in.ok(); i++) {
    const std::string name(in.string(false));
    const bool made = topics_.create(name, in.int32());
    in.int16();  // replicas
    // The bench asks for neither assignments nor configurations.
    in.int32();
    in.int32();
    to.string(false, name);
    to.int16(made ? int16_t{0} : unknown_topic);
    to.null_string(false);
  }
}

// The disk gets its room back; the names stay taken.
void Connection::delete_topics(WireReader& in, WireWriter& to) {
  to.int32(0);
  const uint32_t count = in.array_size(false);
  to.int32(static_cast<int32_t>(count));
  for (uint32_t i = 0; i < count && in.ok(); i++) {
    const std::string_view name = in.string(false);
    to.string(false, name);
    to.int16(topics_.empty(name) ? int16_t{0} : unknown_topic);
  }
}

// Versions 1 to 4 of what is asked here: topics by name, led by the only node.
void Connection::metadata(WireReader& in, WireWriter& to, int16_t version) {
  if (version >= 3) to.int32(0);  // throttle
  to.int32(1);
  to.int32(node_id);
  to.string(false, "127.0.0.1");
  to.int32(port_);
  to.null_string(false);                   // rack
  if (version >= 2) to.null_string(false);  // cluster
  to.int32(node_id);
  const uint32_t count = in.array_size(false);
  to.int32(static_cast<int32_t>(count));
  for (uint32_t i = 0; i < count && in.ok(); i++) {
    const std::string_view name = in.string(false);
    const int32_t partitions = topics_.partitions_of(name);
    to.int16(partitions < 0 ? unknown_topic : int16_t{0});
    to.string(false, name);
    to.int8(0);
    to.int32(std::max(0, partitions));
    for (int32_t partition = 0; partition < partitions; partition++) {
      to.int16(0);
      for (const int32_t value : {partition, node_id, 1, node_id, 1, node_id}) to.int32(value);
    }
  }
}

void Connection::end_offset(WireReader& in, WireWriter& to) {
  in.int32();
  for_each_partition(in, to, topics_, [&](Log* log, bool) {
    in.int64();
    to.int16(log == nullptr ? unknown_topic : int16_t{0});
    to.int64(-1);
    const std::unique_lock<std::mutex> hold = log == nullptr ? std::unique_lock<std::mutex>() : std::unique_lock(log->lock);
    to.int64(log == nullptr ? unknown_offset : log->next_offset);
  });
}

// False: the client wants no answer.
bool Connection::produce(WireReader& in, WireWriter& to, MutableBytes frame) {
  bool null = false;
  in.nullable_string(false, null);  // transaction
  const int16_t acks = in.int16();
  in.int32();
  for_each_partition(in, to, topics_, [&](Log* log, bool) {
    const Bytes batch = in.nullable_bytes(false, null);
    const bool good = log != nullptr && sound(batch);
    to.int16(log == nullptr ? unknown_topic : good ? int16_t{0} : corrupt_message);
    if (good) arrived_.push_back({log, frame.subspan(static_cast<size_t>(batch.data() - frame.data()), batch.size()), to.position()});
    for (int i = 0; i < 3; i++) to.int64(unknown_offset);
  });
  to.int32(0);  // throttle
  return acks != 0;
}

}  // namespace milena::limit
