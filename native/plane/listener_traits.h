// What a connection takes over from the listener that accepted it.
#pragma once
#include <cstdint>

namespace milena {

// Only an authenticated session uses the fast path; in the other states every frame is main's, one at a time.
enum class SessionState : uint8_t { handshake, authenticated, expired };

struct ListenerTraits {
  uint32_t number = 0;    // in the order of listen calls
  bool fast_path = true;  // false: every frame is main's, Produce and Fetch too (controller listeners)
  SessionState session = SessionState::authenticated;
};

}  // namespace milena
