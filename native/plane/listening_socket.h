// Opens a port. Thread: any.
#pragma once
#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "base/unique_fd.h"
#include "plane/plane_failure.h"

namespace milena {

struct ListeningSocket {
  UniqueFd socket;
  uint16_t port = 0;  // the bound one
};

// `host`: an IP address, or empty for all addresses, IPv6 and IPv4 on one socket (IPv4 alone where the system has no IPv6).
// `port` 0: the system chooses. Fills `failure` when it cannot be done.
ListeningSocket listen_on(const std::string& host, uint16_t port, PlaneFailure& failure);

// "127.0.0.1", "::1"; an IPv4 address that came through an IPv6 socket in its own form.
std::string address_text(const sockaddr_storage& address);

}  // namespace milena
