// Which boot of the machine this is: tells a dead process from a power cut.
#pragma once
#include <string>

namespace milena {

// The kernel's boot id; empty when it has none (then every stop counts as a power cut).
std::string machine_boot_id();

}  // namespace milena
