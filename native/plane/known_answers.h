// Answers of main that do not change before something else does: the versions of the APIs, where the leaders of some topics are. main says
// what it would answer to the same bytes again, until it takes everything back; reactors answer those themselves.
// A request is known by all of its bytes but the correlation id, and by its listener: nothing of it is understood here.
// Thread: remember and forget main's, find any.
#pragma once
#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

#include "base/types.h"

namespace milena {

inline constexpr size_t known_request_bytes_max = 16 * 1024;   // longer ones are not looked up
inline constexpr size_t known_answers_bytes_max = 8 << 20;     // requests and answers together; with more, all are forgotten

class KnownAnswers {
 public:
  using Answer = std::shared_ptr<const std::vector<std::byte>>;

  // Frames without their length, each with a correlation id of its own. False: they are none. What is too large is not kept.
  bool remember(uint32_t listener, Bytes request, Bytes answer);
  // Nothing that was remembered before is answered after this returns.
  void forget();
  // Null: ask main. The bytes behind the answer's correlation id.
  Answer find(uint32_t listener, Bytes request) const;

 private:
  struct Known {
    uint32_t listener;
    std::vector<std::byte> request;
    Answer answer;
  };
  mutable std::shared_mutex mutex_;
  // Guarded by mutex_. By the hash of listener and request; of two with one hash the later stays.
  std::unordered_map<uint64_t, Known> known_;
  size_t bytes_ = 0;
};

}  // namespace milena
