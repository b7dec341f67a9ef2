// Work that may take long and that nobody waits for.
#pragma once

namespace milena {

// The calling thread steps back for all others where processors are scarce: nice 10, and it is interrupted as soon as another one has
// something to do, not at the end of its slice. What the system does not know or allow is left as it is. Linux only.
void become_background_thread();

}  // namespace milena
