// What other threads tell a reactor. Bounded by construction: one entry per batch, fetch or connection that is under way.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/unique_fd.h"
#include "plane/abi.gen.h"
#include "plane/append.h"
#include "plane/listener_traits.h"
#include "plane/waiters.h"

namespace milena {

class OffloadTask;

struct Completed { Append* append; };
struct Woken { FetchWaiter* waiter; };
struct Room { SpaceWaiter* waiter; };
struct TakeDrain { std::shared_ptr<Partition> partition; };
struct Adopt { UniqueFd socket; ListenerTraits listener; std::string peer; };
struct Respond { abi::ConnectionHandle connection; std::vector<std::byte> response; };
struct Disconnect { abi::ConnectionHandle connection; };
struct Granted { abi::ConnectionHandle connection; uint64_t bytes; };
struct Offloaded { OffloadTask* task; };
struct RoomAtMain {};
struct BeginDrain {};
struct Stop {};

using Mail = std::variant<Completed, Woken, Room, TakeDrain, Adopt, Respond, Disconnect, Granted, Offloaded, RoomAtMain, BeginDrain, Stop>;

}  // namespace milena
