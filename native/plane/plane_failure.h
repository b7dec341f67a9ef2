// Why the environment refuses to open a plane or a listener; DataPlaneFailure of ports.ts.
#pragma once
#include <cstdint>
#include <string>

namespace milena {

enum class FailureCode : uint8_t { none, locked, io, port_in_use, address, misuse };

struct PlaneFailure {
  FailureCode code = FailureCode::none;
  int error_number = 0;  // errno, where there is one
  std::string message;
  explicit operator bool() const { return code != FailureCode::none; }
};

}  // namespace milena
