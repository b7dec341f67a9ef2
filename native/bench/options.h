// What the load generator is asked to do; read from the command line by options.cc.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "wire/compression.h"

namespace milena::bench {

enum class Mode : uint8_t { produce, fetch, ping, latency };

struct Target {
  std::string host;
  std::string port;
};

struct Options {
  Mode mode = Mode::produce;
  std::string topic;
  std::map<int32_t, Target> leaders;  // partition -> where its leader listens; ping: what to ask
  std::map<int32_t, int64_t> starts;  // fetch: where to begin, 0 where nothing is said
  int32_t record_bytes = 1024;
  int32_t batch_bytes = 65536;
  int32_t batch_records = 0;  // exactly so many instead of batch_bytes
  Compression compression = Compression::none;
  std::string data_file;  // values are cut from it; random letters without
  int16_t acks = -1;
  int32_t connections = 1;
  int32_t in_flight = 5;
  int32_t threads = 0;  // 0: as many as there are processors
  double seconds = 5;
  double rate_bytes = 0;    // over all connections; 0: as fast as answers come
  double rate_records = 0;  // the same in records; latency needs one
  int32_t fetch_bytes = 1 << 20;
  int32_t fetch_wait_ms = 100;
  int32_t metadata_topics = 0;  // ping: Metadata of TOPIC-0 to TOPIC-(n-1) instead of ApiVersions
  int32_t idle = 0;             // connections that stay open beside the load
};

// Reads the arguments behind the program's name. On failure `problem` says what is wrong.
bool read_options(int count, const char* const* arguments, Options& options, std::string& problem);

}  // namespace milena::bench
