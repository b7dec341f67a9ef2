// A request that main answers: everything that is not on the fast path. Its frame has gone to main already.
#pragma once
#include "base/endian.h"
#include "plane/request.h"
#include "wire/frame.h"

namespace milena {

class MainRequest final : public Request {
 public:
  void begin() override {}
  void take_response(std::vector<std::byte> response) override {
    if (ready) return;
    response_ = std::move(response);
    finish();
  }
  bool answer(OutputQueue& out) override {
    std::vector<std::byte>& bytes = out.bytes();
    const size_t at = bytes.size();
    bytes.resize(at + frame_length_size);
    store(bytes.data() + at, static_cast<int32_t>(response_.size()));
    bytes.insert(bytes.end(), response_.begin(), response_.end());
    return true;
  }
  bool abandon() override { return true; }

 private:
  std::vector<std::byte> response_;  // without its length
};

}  // namespace milena
