// Checks of the native tests: a failed one prints where and what and is counted; main() returns check_result().
#pragma once
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <type_traits>

namespace milena::test {

inline int failures = 0;

template <class T>
std::string shown(const T& value) {
  if constexpr (requires(std::ostream & to) { to << value; }) {
    std::ostringstream text;
    if constexpr (std::is_same_v<T, int8_t> || std::is_same_v<T, uint8_t>) text << static_cast<int>(value);
    else text << value;
    return text.str();
  } else if constexpr (std::is_enum_v<T>) {
    return std::to_string(static_cast<long long>(value));
  } else {
    return "(a value)";
  }
}

inline void report(const char* file, int line, const std::string& what) {
  failures++;
  std::fprintf(stderr, "%s:%d: %s\n", file, line, what.c_str());
}

template <class A, class B>
bool check_equal(const A& got, const B& wanted, const char* text, const char* file, int line) {
  if (got == wanted) return true;
  report(file, line, std::string(text) + " is " + shown(got) + ", not " + shown(wanted));
  return false;
}

inline int check_result() {
  if (failures > 0) std::fprintf(stderr, "%d checks failed\n", failures);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace milena::test

#define CHECK(condition) ((condition) ? true : (::milena::test::report(__FILE__, __LINE__, "not true: " #condition), false))
#define CHECK_EQ(got, wanted) ::milena::test::check_equal((got), (wanted), #got, __FILE__, __LINE__)
// For what the rest of a test cannot do without.
#define REQUIRE(condition)                                                               \
  do {                                                                                   \
    if (!(condition)) {                                                                  \
      ::milena::test::report(__FILE__, __LINE__, "required: " #condition);               \
      std::exit(EXIT_FAILURE);                                                           \
    }                                                                                    \
  } while (false)
