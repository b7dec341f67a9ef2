// What stands before every request and answer: the length, and the headers (versions 1 and 2 of the request's, 0 and 1 of the answer's).
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/types.h"

namespace milena {

inline constexpr size_t frame_length_size = 4;  // int32, counts what follows it

// The APIs that are served without leaving native code.
namespace api {
inline constexpr int16_t produce = 0;
inline constexpr int16_t fetch = 1;
inline constexpr int16_t list_offsets = 2;
inline constexpr int16_t offset_for_leader_epoch = 23;
// Main's: it keeps a session alive, and nobody waits for its answer.
inline constexpr int16_t heartbeat = 12;
}  // namespace api

struct ApiVersionRange {
  int16_t api_key;
  int16_t first;
  int16_t last;
  int16_t flexible_from;  // KIP-482
};

// nullptr for every API that is not served natively.
const ApiVersionRange* hot_api(int16_t api_key);

struct RequestHeader {
  int16_t api_key = 0;
  int16_t api_version = 0;
  int32_t correlation_id = 0;
  std::string_view client_id;  // empty when null
  bool client_id_null = false;
  size_t body_offset = 0;  // where the body begins in the frame; only set for hot APIs at versions they have
};

// Reads the header of a frame (without its length). Tagged fields of flexible headers are read for hot APIs only: for the others main
// decodes the frame again. False: malformed, close the connection. A hot API at a version it does not have leaves body_offset 0.
bool parse_request_header(Bytes frame, RequestHeader& header);

// Starts an answer: room for the length, correlation id, and tagged fields where the answer is flexible. Returns where the length lies.
size_t begin_response(std::vector<std::byte>& out, const ApiVersionRange& api, int16_t version, int32_t correlation_id);

// Stores the length. `outside_bytes` are bytes of the frame that do not lie in `out` (records sent from files).
void end_response(std::vector<std::byte>& out, size_t begin, size_t outside_bytes = 0);

}  // namespace milena
