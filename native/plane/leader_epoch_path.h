// OffsetForLeaderEpoch: where the records of an epoch end (KIP-101, KIP-320). Thread: the reactor's.
#pragma once
#include "plane/request.h"
#include "wire/frame.h"

namespace milena {

class Reactor;

// Null: malformed.
Request* make_leader_epoch(Reactor& reactor, const RequestHeader& header, Bytes frame);

}  // namespace milena
