#include "log/batch_walk.h"

#include <algorithm>

namespace milena {
namespace {

constexpr size_t window_bytes = 256 << 10;

}  // namespace

Result<Bytes> BatchWalk::view(uint64_t at, size_t size) {
  if (at >= window_begin_ && at + size <= window_begin_ + window_.size()) return window_.subspan(at - window_begin_, size);
  MutableBytes into = scratch_;
  if (into.size() < size) {
    owned_.resize(std::min<uint64_t>(std::max<uint64_t>(size, window_bytes), end_ - at));
    into = owned_;
  }
  into = into.first(std::min<uint64_t>(into.size(), end_ - at));
  const auto got = file_.read(at, into, patience_);
  window_ = got ? Bytes(into.first(*got)) : Bytes{};
  window_begin_ = at;
  if (!got) return got.why();
  return window_.first(std::min<size_t>(size, window_.size()));
}

BatchWalk::Step BatchWalk::next() {
  position_ = at_;
  if (at_ == end_) return Step::end;
  if (end_ - at_ < batch_layout::header_size) return Step::bad;
  const auto header = view(at_, batch_layout::header_size);
  if (!header) {
    status_ = header.why();
    return Step::failed;
  }
  const auto info = parse_batch_header(*header);
  if (!info || info->size_bytes > end_ - at_ || info->base_offset < 0 || info->last_offset_delta < 0) return Step::bad;
  info_ = *info;
  if (depth_ == Depth::whole) {
    const auto batch = view(at_, info_.size_bytes);
    if (!batch) {
      status_ = batch.why();
      return Step::failed;
    }
    if (batch->size() < info_.size_bytes) return Step::bad;
  }
  at_ += info_.size_bytes;
  return Step::batch;
}

Result<Bytes> BatchWalk::whole() {
  const auto batch = view(position_, info_.size_bytes);
  if (!batch) return batch.why();
  if (batch->size() < info_.size_bytes) return Status{Errc::corrupt};
  return *batch;
}

}  // namespace milena
