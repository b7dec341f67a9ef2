// Where a leader can be reached, in the tagged fields of Produce (v10) and Fetch (v16) answers (KIP-951).
#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace milena {

struct NodeEndpoint {
  int32_t node_id = -1;
  std::string_view host;
  int32_t port = 0;
  std::string_view rack;
  bool rack_null = true;
};

// Writes the tagged fields that end a flexible answer: tag 0 holds the endpoints when there are any.
void write_node_endpoints(std::vector<std::byte>& out, std::span<const NodeEndpoint> endpoints);

}  // namespace milena
