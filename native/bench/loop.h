// Many connections on one thread: each Talk is asked for bytes and given its answers until the deadline, and until what is under
// way then has been answered.
#pragma once
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/unique_fd.h"
#include "bench/socket.h"
#include "bench/talk.h"
#include "bench/tally.h"

namespace milena::bench {

// A Talk with its connection, which is set up but has not been used for it.
struct Connected {
  std::unique_ptr<Talk> talk;
  std::unique_ptr<Socket> socket;
};

class Loop {
 public:
  Loop(std::vector<Connected> connections, const Clock& clock, Tally& tally);

  // Thread: the one that calls it, until it returns.
  void run(int64_t begin_ns, int64_t deadline_ns);

 private:
  struct Line {
    Connected connected;
    Outgoing rest;  // of what the talk gave last
    bool open = true;
  };

  void receive(Line& line);
  void send(Line& line);
  void send_what_is_due();
  bool all_quiet();
  int64_t next_due_ns() const;
  int wait(int64_t until_ns);
  void close(Line& line, const char* why);

  const Clock& clock_;
  Tally& tally_;
  std::vector<Line> lines_;
  UniqueFd epoll_;
};

}  // namespace milena::bench
