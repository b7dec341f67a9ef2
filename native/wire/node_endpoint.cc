#include "wire/node_endpoint.h"

#include "wire/writer.h"

namespace milena {

void write_node_endpoints(std::vector<std::byte>& out, std::span<const NodeEndpoint> endpoints) {
  WireWriter to(out);
  to.unsigned_varint(endpoints.empty() ? 0 : 1);
  if (endpoints.empty()) return;
  // A tagged field is preceded by its size; this one is rare, so it is written aside first.
  std::vector<std::byte> field;
  WireWriter aside(field);
  aside.size(true, endpoints.size());
  for (const NodeEndpoint& endpoint : endpoints) {
    aside.int32(endpoint.node_id);
    aside.string(true, endpoint.host);
    aside.int32(endpoint.port);
    if (endpoint.rack_null) aside.null_string(true);
    else aside.string(true, endpoint.rack);
    aside.no_tagged_fields(true);
  }
  to.unsigned_varint(0);
  to.unsigned_varint(static_cast<uint32_t>(field.size()));
  out.insert(out.end(), field.begin(), field.end());
}

}  // namespace milena
