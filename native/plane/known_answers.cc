#include "plane/known_answers.h"

#include <algorithm>
#include <functional>
#include <mutex>
#include <string_view>

namespace milena {

namespace {

// api_key int16, api_version int16, correlation_id int32 | correlation_id int32
constexpr size_t correlation_offset = 4;
constexpr size_t correlation_end = 8;
constexpr size_t answer_correlation_end = 4;

std::string_view text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

uint64_t hash_of(uint32_t listener, Bytes request) {
  const std::hash<std::string_view> hash;
  constexpr uint64_t odd = 0x9e3779b97f4a7c15;
  return (hash(text(request.first(correlation_offset))) * odd + listener) * odd + hash(text(request.subspan(correlation_end)));
}

bool is_same(Bytes a, Bytes b) {
  return a.size() == b.size() && std::ranges::equal(a.first(correlation_offset), b.first(correlation_offset)) &&
         std::ranges::equal(a.subspan(correlation_end), b.subspan(correlation_end));
}

}  // namespace

bool KnownAnswers::remember(uint32_t listener, Bytes request, Bytes answer) {
  if (request.size() < correlation_end || answer.size() < answer_correlation_end) return false;
  Known known{listener, {request.begin(), request.end()}, std::make_shared<const std::vector<std::byte>>(answer.begin() + answer_correlation_end, answer.end())};
  const size_t size = request.size() + answer.size();
  if (request.size() > known_request_bytes_max || size > known_answers_bytes_max) return true;
  const std::lock_guard hold(mutex_);
  if (bytes_ + size > known_answers_bytes_max) {
    known_.clear();
    bytes_ = 0;
  }
  Known& place = known_[hash_of(listener, request)];
  if (place.answer) bytes_ -= place.request.size() + place.answer->size() + answer_correlation_end;
  place = std::move(known);
  bytes_ += size;
  return true;
}

void KnownAnswers::forget() {
  const std::lock_guard hold(mutex_);
  known_.clear();
  bytes_ = 0;
}

KnownAnswers::Answer KnownAnswers::find(uint32_t listener, Bytes request) const {
  if (request.size() < correlation_end || request.size() > known_request_bytes_max) return nullptr;
  const std::shared_lock hold(mutex_);
  if (known_.empty()) return nullptr;
  const auto found = known_.find(hash_of(listener, request));
  if (found == known_.end() || found->second.listener != listener || !is_same(found->second.request, request)) return nullptr;
  return found->second.answer;
}

}  // namespace milena
