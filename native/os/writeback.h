// Starts to write what is dirty in a file, without waiting for it and without making anything durable, so that the sync that follows has less to do.
// Owner and thread: whoever holds it.
#pragma once
#include "os/file.h"

namespace milena {

class Writeback {
 public:
  // io: data was lost, and the sync that follows may not hear of it. ok where the system cannot do it, which costs only time.
  Status start(const File& file);

 private:
  bool is_possible_ = true;  // on this file system, as far as it is known
};

}  // namespace milena
