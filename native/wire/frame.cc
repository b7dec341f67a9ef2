#include "wire/frame.h"

#include "wire/reader.h"
#include "wire/writer.h"

namespace milena {

namespace {

constexpr ApiVersionRange hot_apis[] = {
    {api::produce, 3, 13, 9},
    {api::fetch, 4, 18, 12},
    {api::list_offsets, 1, 11, 6},
    {api::offset_for_leader_epoch, 2, 4, 4},
};

}  // namespace

const ApiVersionRange* hot_api(int16_t api_key) {
  for (const ApiVersionRange& range : hot_apis) {
    if (range.api_key == api_key) return &range;
  }
  return nullptr;
}

bool parse_request_header(Bytes frame, RequestHeader& header) {
  WireReader in(frame);
  header.api_key = in.int16();
  header.api_version = in.int16();
  header.correlation_id = in.int32();
  header.body_offset = 0;
  // The client id keeps its 16-bit length in flexible headers, so that every broker can read it.
  header.client_id = in.nullable_string(false, header.client_id_null);
  if (!in.ok()) return false;

  const ApiVersionRange* hot = hot_api(header.api_key);
  if (hot == nullptr || header.api_version < hot->first || header.api_version > hot->last) return true;
  if (header.api_version >= hot->flexible_from) in.skip_tagged_fields();
  header.body_offset = in.position();
  return in.ok();
}

size_t begin_response(std::vector<std::byte>& out, const ApiVersionRange& api, int16_t version, int32_t correlation_id) {
  WireWriter to(out);
  const size_t begin = to.position();
  to.int32(0);
  to.int32(correlation_id);
  to.no_tagged_fields(version >= api.flexible_from);
  return begin;
}

void end_response(std::vector<std::byte>& out, size_t begin, size_t outside_bytes) {
  const size_t size = out.size() - begin - frame_length_size + outside_bytes;
  assert(size <= INT32_MAX);
  WireWriter(out).patch_int32(begin, static_cast<int32_t>(size));
}

}  // namespace milena
