// A request whose answer main has left here (known_answers.h).
#pragma once
#include "base/endian.h"
#include "plane/known_answers.h"
#include "plane/request.h"
#include "wire/frame.h"

namespace milena {

class KnownRequest final : public Request {
 public:
  KnownRequest(int32_t correlation_id, KnownAnswers::Answer known) : correlation_id_(correlation_id), known_(std::move(known)) {}
  void begin() override { finish(); }
  bool answer(OutputQueue& out) override {
    std::vector<std::byte>& bytes = out.bytes();
    const size_t at = bytes.size();
    bytes.resize(at + frame_length_size + sizeof correlation_id_);
    store(bytes.data() + at, static_cast<int32_t>(sizeof correlation_id_ + known_->size()));
    store(bytes.data() + at + frame_length_size, correlation_id_);
    bytes.insert(bytes.end(), known_->begin(), known_->end());
    return true;
  }
  bool abandon() override { return true; }

 private:
  const int32_t correlation_id_;
  const KnownAnswers::Answer known_;
};

}  // namespace milena
