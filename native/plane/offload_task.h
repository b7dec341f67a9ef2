// Work a reactor must not do itself, because it computes for long or may sleep on a disk: runs on a pool, then comes back.
#pragma once

namespace milena {

class OffloadTask {
 public:
  virtual ~OffloadTask() = default;
  virtual void run() = 0;   // on a thread of the pool
  virtual void done() = 0;  // on the reactor that sent it; the task may be deleted in it
};

}  // namespace milena
