// Serves one connection until it ends: whatever whole requests have come are served, then what came for the disk is written with one
// call for each file, then all answers leave with one call. Thread: one of its own, and a Syncer's when it waits for the disk.
#pragma once
#include <memory>
#include <vector>

#include "base/types.h"
#include "log.h"
#include "syncer.h"
#include "wire/reader.h"
#include "wire/writer.h"

namespace milena::limit {

class Connection {
 public:
  Connection(int socket, int32_t port, Topics& topics, bool syncs);
  void serve();

 private:
  bool receive();
  bool serve_request(MutableBytes frame);
  bool flush();

  void api_versions(WireWriter& to);
  void create_topics(WireReader& in, WireWriter& to);
  void delete_topics(WireReader& in, WireWriter& to);
  void metadata(WireReader& in, WireWriter& to, int16_t version);
  void end_offset(WireReader& in, WireWriter& to);
  bool produce(WireReader& in, WireWriter& to, MutableBytes frame);
  bool fetch(WireReader& in, int32_t correlation_id);

  const int socket_;
  const int32_t port_;
  Topics& topics_;
  std::unique_ptr<Syncer> syncer_;
  std::vector<std::byte> buffer_;
  size_t from_ = 0, to_ = 0;  // received and not served yet: [from_, to_)
  std::vector<std::byte> answers_;
  std::vector<Arrived> arrived_;
  std::vector<Log*> touched_;
};

}  // namespace milena::limit
