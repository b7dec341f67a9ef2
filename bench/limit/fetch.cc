// A fetch: what is said about a partition by send, its records by sendfile.
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>

#include "connection.h"
#include "named.h"
#include "wire/frame.h"

namespace milena::limit {
namespace {

// Of one partition: what is said about it, in [head_begin, head_end) of the heads, and where its records lie.
struct Piece {
  size_t head_begin, head_end;
  int fd;
  off_t position;
  size_t size;
};

bool send_file(int socket, Piece& piece) {
  while (piece.size > 0) {
    const ssize_t sent = sendfile(socket, piece.fd, &piece.position, piece.size);
    if (sent <= 0) return false;
    piece.size -= static_cast<size_t>(sent);
  }
  return true;
}

// What there is from `offset` on; only the first of a request is waited for.
Piece look(Log& log, int64_t offset, int32_t bytes_max, int32_t wait_ms, int64_t& end) {
  std::unique_lock hold(log.lock);
  if (wait_ms > 0 && offset >= log.next_offset) log.grown.wait_for(hold, std::chrono::milliseconds(wait_ms), [&] { return offset < log.next_offset; });
  end = log.next_offset;
  if (offset >= log.next_offset) return {0, 0, log.fd, 0, 0};
  const off_t position = log.position_of(offset);
  return {0, 0, log.fd, position, static_cast<size_t>(std::min<off_t>(bytes_max, log.size - position))};
}

}  // namespace

bool Connection::fetch(WireReader& in, int32_t correlation_id) {
  thread_local std::vector<std::byte> heads;
  thread_local std::vector<Piece> pieces;
  heads.clear();
  pieces.clear();
  WireWriter to(heads);
  in.int32();
  const int32_t wait_ms = in.int32();
  for (int i = 0; i < 2; i++) in.int32();  // bytes of the whole answer, least and most
  in.int8();
  for (int i = 0; i < 2; i++) in.int32();  // session
  to.int32(0);
  to.int32(correlation_id);
  to.int32(0);  // throttle
  to.int16(0);
  to.int32(0);  // session
  size_t begin = 0, records = 0;
  for_each_partition(in, to, topics_, [&](Log* log, bool is_alone) {
    in.int32();
    const int64_t offset = in.int64();
    in.int64();
    const int32_t bytes_max = in.int32();
    int64_t end = -1;
    Piece piece = log == nullptr ? Piece{0, 0, -1, 0, 0} : look(*log, offset, bytes_max, is_alone ? wait_ms : 0, end);
    to.int16(log == nullptr ? unknown_topic : int16_t{0});
    to.int64(end);
    to.int64(end);
    to.int64(0);
    to.int32(0);   // no aborted transactions
    to.int32(-1);  // no other replica
    to.int32(static_cast<int32_t>(piece.size));
    piece.head_begin = begin;
    piece.head_end = begin = to.position();
    records += piece.size;
    pieces.push_back(piece);
  });
  if (!in.ok() || pieces.empty()) return false;
  to.patch_int32(0, static_cast<int32_t>(heads.size() + records - frame_length_size));
  for (Piece& piece : pieces) {
    const bool more = piece.size > 0 || &piece != &pieces.back();
    if (!send_all(socket_, Bytes(heads).subspan(piece.head_begin, piece.head_end - piece.head_begin), more ? MSG_MORE : 0)) return false;
    if (!send_file(socket_, piece)) return false;
  }
  return true;
}

}  // namespace milena::limit
