// Any bytes as a frame: its header is read or refused, and the body of a hot request begins inside of the frame.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "wire/frame.h"

using namespace milena;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<std::byte> frame(size);
  for (size_t i = 0; i < size; i++) frame[i] = static_cast<std::byte>(data[i]);
  RequestHeader header;
  if (!parse_request_header(frame, header)) return 0;
  const ApiVersionRange* hot = hot_api(header.api_key);
  const bool served = hot != nullptr && header.api_version >= hot->first && header.api_version <= hot->last;
  if (served != (header.body_offset != 0) || header.body_offset > size) std::abort();
  const auto* client_id = reinterpret_cast<const std::byte*>(header.client_id.data());
  if (!header.client_id.empty() && (client_id < frame.data() || client_id + header.client_id.size() > frame.data() + size)) std::abort();
  return 1;
}
