#include "plane/listening_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace milena {

namespace {

constexpr int backlog = 1024;  // connections the system keeps for us until they are accepted

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

Address any_address(int family, uint16_t port) {
  Address address;
  if (family == AF_INET6) {
    auto& in6 = reinterpret_cast<sockaddr_in6&>(address.storage);
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(port);
    address.size = sizeof in6;
  } else {
    auto& in4 = reinterpret_cast<sockaddr_in&>(address.storage);
    in4.sin_family = AF_INET;
    in4.sin_port = htons(port);
    address.size = sizeof in4;
  }
  return address;
}

bool parse(const std::string& host, uint16_t port, Address& address) {
  address = any_address(AF_INET, port);
  if (::inet_pton(AF_INET, host.c_str(), &reinterpret_cast<sockaddr_in&>(address.storage).sin_addr) == 1) return true;
  address = any_address(AF_INET6, port);
  return ::inet_pton(AF_INET6, host.c_str(), &reinterpret_cast<sockaddr_in6&>(address.storage).sin6_addr) == 1;
}

FailureCode code_of_errno(int error) {
  if (error == EADDRINUSE) return FailureCode::port_in_use;
  if (error == EADDRNOTAVAIL || error == EAFNOSUPPORT) return FailureCode::address;
  return FailureCode::io;
}

// One attempt; errno says why not.
UniqueFd open_socket(const Address& address, bool dual_stack) {
  UniqueFd socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return {};
  const int on = 1;
  const int v6_only = dual_stack ? 0 : 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address.storage.ss_family == AF_INET6) ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof v6_only);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0 || ::listen(socket.get(), backlog) != 0) {
    const int error = errno;
    socket.reset();
    errno = error;
    return {};
  }
  return socket;
}

uint16_t bound_port(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                              : reinterpret_cast<sockaddr_in&>(address).sin_port);
}

}  // namespace

ListeningSocket listen_on(const std::string& host, uint16_t port, PlaneFailure& failure) {
  Address address;
  if (!host.empty() && !parse(host, port, address)) {
    failure = {FailureCode::address, EINVAL, "'" + host + "' is not an IP address"};
    return {};
  }
  UniqueFd socket;
  if (host.empty()) {
    socket = open_socket(any_address(AF_INET6, port), true);
    if (!socket && errno != EADDRINUSE && errno != EACCES) socket = open_socket(any_address(AF_INET, port), false);
  } else {
    socket = open_socket(address, false);
  }
  if (!socket) {
    const int error = errno;
    const std::string where = (host.empty() ? std::string("all addresses") : host) + ", port " + std::to_string(port);
    failure = {code_of_errno(error), error, "cannot listen on " + where + ": " + std::strerror(error)};
    return {};
  }
  const uint16_t bound = bound_port(socket.get());
  return {std::move(socket), bound};
}

std::string address_text(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text.data(), text.size());
  } else if (address.ss_family == AF_INET6) {
    const in6_addr& in6 = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&in6)) ::inet_ntop(AF_INET, &in6.s6_addr[12], text.data(), text.size());
    else ::inet_ntop(AF_INET6, &in6, text.data(), text.size());
  }
  return text.data();
}

}  // namespace milena
