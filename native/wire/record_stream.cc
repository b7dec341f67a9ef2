#include "wire/record_stream.h"

#include <algorithm>

namespace milena {

bool RecordStream::refill() {
  if (source_ == nullptr || failed_) return false;
  if (sink_ != nullptr) copy_read();
  before_ += static_cast<uint64_t>(end_ - begin_);
  const Result<size_t> got = source_->read(window_);
  failed_ = !got;
  begin_ = at_ = window_.data();
  end_ = at_ + (failed_ ? 0 : *got);
  copied_ = at_;
  return at_ != end_;
}

bool RecordStream::skip(uint64_t size) {
  while (size > 0) {
    if (at_ == end_ && !refill()) return false;
    const uint64_t part = std::min<uint64_t>(size, static_cast<uint64_t>(end_ - at_));
    at_ += part;
    size -= part;
  }
  return true;
}

void RecordStream::start_copying(ByteSink& sink) {
  sink_ = &sink;
  copied_ = at_;
}

void RecordStream::stop_copying() {
  copy_read();
  sink_ = nullptr;
}

void RecordStream::copy_read() {
  if (at_ != copied_) sink_->take({copied_, at_});
  copied_ = at_;
}

}  // namespace milena
