// ListOffsets: offsets by timestamp, and the special ones. Lookups that read the log run on a thread that may wait for a disk.
// Thread: the reactor's.
#pragma once
#include "plane/request.h"
#include "wire/frame.h"

namespace milena {

class Reactor;

// Null: malformed.
Request* make_list_offsets(Reactor& reactor, const RequestHeader& header, Bytes frame);

}  // namespace milena
