#include "wire/record_walk.h"

#include <cassert>

#include "wire/record_parse.h"

namespace milena {

WalkEnd walk_records(Bytes batch, const BatchInfo& info, CodecScratch& scratch, RecordVisitor& visitor) {
  assert(batch.size() == info.size_bytes && info.compression_id() <= compression_id_max);
  const Bytes payload = batch.subspan(batch_layout::header_size);
  const auto visit = [&visitor](const RecordHead& record) { return visitor.visit(record); };
  if (!info.compressed()) return record_parse::walk_plain(payload, info, visit);
  Decompressor& source = scratch.decompressor(info.compression());
  source.start(payload);
  RecordStream in(source, scratch.window());
  return record_parse::walk_stream(in, info, visit);
}

}  // namespace milena
