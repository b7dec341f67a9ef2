// What the load generator is asked to do; read from the command line by options.cc.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace milena::bench {

enum class Mode : uint8_t { produce, fetch };

struct Target {
  std::string host;
  std::string port;
};

struct Options {
  Mode mode = Mode::produce;
  std::string topic;
  std::map<int32_t, Target> leaders;  // partition -> where its leader listens
  int32_t record_bytes = 1024;
  int32_t batch_bytes = 65536;
  int16_t acks = -1;
  int32_t connections = 1;
  int32_t in_flight = 5;
  double seconds = 5;
  double rate_bytes = 0;  // over all connections; 0: as fast as answers come
  int32_t fetch_bytes = 1 << 20;
  int32_t fetch_wait_ms = 100;
};

// Reads the arguments behind the program's name. On failure `problem` says what is wrong.
bool read_options(int count, char** arguments, Options& options, std::string& problem);

}  // namespace milena::bench
