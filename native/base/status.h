// Failures of the environment, as values. Refusals to clients are KafkaError (kafka_error.h); bugs are assert.
#pragma once
#include <cassert>
#include <cstdint>
#include <optional>
#include <utility>

namespace milena {

enum class Errc : uint8_t {
  ok,
  corrupt,      // bytes that cannot be what their format says
  not_found,    // a file or directory that is not there
  out_of_range, // an offset or position outside of what is held
  locked,       // another broker holds the directory
  closed,       // the log or plane is closing or was closed by an earlier failure
  cancelled,    // asked to stop in the middle
  would_wait,   // only a disk could tell, and the caller does not wait for disks (os/file.h)
  io,           // a system call failed; cause holds errno
};

// One byte of meaning and one errno of cause: copying never allocates, ignoring does not compile.
struct [[nodiscard]] Status {
  Errc code = Errc::ok;
  int cause = 0;  // errno when code is io, locked or not_found
  explicit operator bool() const { return code == Errc::ok; }
  static Status io(int error_number) { return {Errc::io, error_number}; }
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Status why) : why_(why) { assert(!why); }
  explicit operator bool() const { return static_cast<bool>(why_); }
  T& operator*() { assert(value_); return *value_; }
  const T& operator*() const { assert(value_); return *value_; }
  T* operator->() { assert(value_); return &*value_; }
  const T* operator->() const { assert(value_); return &*value_; }
  Status why() const { return why_; }

 private:
  std::optional<T> value_;
  Status why_{};
};

}  // namespace milena
