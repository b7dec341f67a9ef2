// The machine's limit as a server, so that a broker can be quoted as a share of it: limit PORT FOLDER [sync]
//
// It does what no broker can leave out and nothing else: it receives, checks each batch's CRC-32C, appends to a file through the page
// cache and answers; it sends records by sendfile. With `sync` answers wait for fdatasync. No replication, sequences, recovery,
// validation or limits: it trusts its client, the bench, and must not be used for anything else.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "connection.h"

namespace {

constexpr int backlog = 512;

int listen_on(int port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  here.sin_port = htons(static_cast<uint16_t>(port));
  if (bind(listener, reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0 || listen(listener, backlog) != 0) return -1;
  return listener;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    std::fprintf(stderr, "usage: limit PORT FOLDER [sync]\n");
    return 2;
  }
  const int port = std::atoi(arguments[1]);
  const std::string folder = arguments[2];
  const bool syncs = count > 3 && std::strcmp(arguments[3], "sync") == 0;
  mkdir(folder.c_str(), 0755);
  const int listener = listen_on(port);
  if (listener < 0) {
    std::perror("limit");
    return EXIT_FAILURE;
  }
  milena::limit::Topics topics(folder);
  while (true) {
    const int connection = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    const int on = 1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    std::thread([connection, port, syncs, &topics] {
      milena::limit::Connection(connection, port, topics, syncs).serve();
      close(connection);
    }).detach();
  }
}
