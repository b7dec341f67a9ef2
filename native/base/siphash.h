// SipHash-2-4 with a 128-bit result (Aumasson and Bernstein): a keyed hash whose collisions nobody can make who does not know the key.
//   SipHash128 hash(key); hash.update(bytes); ... hash.finish()
#pragma once
#include <cstdint>

#include "base/types.h"

namespace milena {

struct Digest128 {
  uint64_t low = 0;
  uint64_t high = 0;
  bool operator==(const Digest128&) const = default;
};

class SipHash128 {
 public:
  explicit SipHash128(const Digest128& key);
  void update(Bytes bytes);
  // Ends the hash; no call may follow.
  Digest128 finish();

 private:
  void rounds(int count);
  void word(uint64_t word);

  uint64_t v0_;
  uint64_t v1_;
  uint64_t v2_;
  uint64_t v3_;
  uint64_t pending_ = 0;  // the low bytes of a word that is not full yet
  uint64_t size_ = 0;     // bytes so far
};

}  // namespace milena
