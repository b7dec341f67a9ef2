// Writes the inputs that fuzzing starts from: fuzz_seeds_main test/golden/fuzz
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "test/batch_builder.h"
#include "wire/writer.h"

using namespace milena;
using namespace milena::test;

namespace {

std::filesystem::path root;

void save(const char* target, const std::string& name, const Buffer& bytes) {
  std::filesystem::create_directories(root / target);
  std::ofstream out(root / target / name, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

Buffer with_prefix(std::initializer_list<int> prefix, const Buffer& bytes) {
  Buffer out;
  for (int byte : prefix) out.push_back(static_cast<std::byte>(byte));
  out.insert(out.end(), bytes.begin(), bytes.end());
  return out;
}

void batches() {
  for (int codec = 0; codec <= 4; codec++) {
    const Buffer batch = build_batch({.records = {{.headers = {{"h", "v"}}}, {.timestamp_delta = 300, .key = std::nullopt}, {.value = std::string(90, 'x')}},
                                      .codec = static_cast<Compression>(codec)});
    for (int target = 0; target <= 5; target++) {
      save("fuzz_batch", std::to_string(codec) + "-to-" + std::to_string(target), with_prefix({0x10, 10, target}, batch));
    }
    save("fuzz_batch", std::to_string(codec) + "-append-time", with_prefix({0x11, 10, 5}, batch));
    save("fuzz_batch", std::to_string(codec) + "-compacted", with_prefix({0x12, 10, 5}, batch));
  }
}

void codecs() {
  std::mt19937_64 random(1);
  for (int codec = 1; codec <= 4; codec++) {
    for (size_t size : {0, 40, 700}) {
      Buffer plain;
      append(plain, sample_text(random, size));
      save("fuzz_codecs", std::to_string(codec) + "-" + std::to_string(size),
           with_prefix({codec - 1, 3}, compressed(static_cast<Compression>(codec), plain)));
    }
  }
}

void produce_request(int16_t version) {
  const bool flexible = version >= 9;
  const Buffer batch = build_batch({});
  Buffer body;
  WireWriter to(body);
  to.null_string(flexible);
  to.int16(-1);
  to.int32(30'000);
  to.size(flexible, 1);
  if (version >= 13) to.uuid({});
  else to.string(flexible, "topic");
  to.size(flexible, 2);
  for (int32_t index : {0, 1}) {
    to.int32(index);
    to.size(flexible, batch.size());
    body.insert(body.end(), batch.begin(), batch.end());
    to.no_tagged_fields(flexible);
  }
  to.no_tagged_fields(flexible);
  to.no_tagged_fields(flexible);
  save("fuzz_produce", "v" + std::to_string(version), with_prefix({version - 3}, body));
}

void fetch_request(int16_t version) {
  const bool flexible = version >= 12;
  Buffer body;
  WireWriter to(body);
  if (version <= 14) to.int32(-1);
  for (int32_t value : {500, 1, 1 << 20}) to.int32(value);
  to.int8(1);
  if (version >= 7) for (int32_t value : {0, -1}) to.int32(value);
  to.size(flexible, 1);
  if (version >= 13) to.uuid({});
  else to.string(flexible, "topic");
  to.size(flexible, 1);
  to.int32(3);
  if (version >= 9) to.int32(7);
  to.int64(100);
  if (version >= 12) to.int32(-1);
  if (version >= 5) to.int64(-1);
  to.int32(1 << 20);
  to.no_tagged_fields(flexible);
  to.no_tagged_fields(flexible);
  if (version >= 7) to.size(flexible, 0);
  if (version >= 11) to.string(flexible, "rack");
  to.no_tagged_fields(flexible);
  save("fuzz_fetch", "fetch-v" + std::to_string(version), with_prefix({2, version - 4}, body));
}

void list_offsets_request(int16_t version) {
  const bool flexible = version >= 6;
  Buffer body;
  WireWriter to(body);
  to.int32(-1);
  if (version >= 2) to.int8(0);
  to.size(flexible, 1);
  to.string(flexible, "topic");
  to.size(flexible, 1);
  to.int32(0);
  if (version >= 4) to.int32(-1);
  to.int64(-2);
  to.no_tagged_fields(flexible);
  to.no_tagged_fields(flexible);
  if (version >= 10) to.int32(1'000);
  to.no_tagged_fields(flexible);
  save("fuzz_fetch", "list-offsets-v" + std::to_string(version), with_prefix({0, version - 1}, body));
}

void leader_epoch_request(int16_t version) {
  const bool flexible = version >= 4;
  Buffer body;
  WireWriter to(body);
  if (version >= 3) to.int32(-1);
  to.size(flexible, 1);
  to.string(flexible, "topic");
  to.size(flexible, 1);
  for (int32_t value : {0, 4, 3}) to.int32(value);
  to.no_tagged_fields(flexible);
  to.no_tagged_fields(flexible);
  to.no_tagged_fields(flexible);
  save("fuzz_fetch", "leader-epoch-v" + std::to_string(version), with_prefix({1, version - 2}, body));
}

// Answers as the load generator reads them: correlation id 1.
void bench_answers() {
  Buffer produced;
  WireWriter to(produced);
  for (int32_t value : {1, 1}) to.int32(value);
  to.string(false, "topic");
  for (int32_t value : {1, 0}) to.int32(value);
  to.int16(0);
  for (int i = 0; i < 3; i++) to.int64(0);
  to.int32(0);
  save("fuzz_bench_answers", "produce", produced);

  const Buffer batch = build_batch({});
  Buffer fetched;
  WireWriter into(fetched);
  for (int32_t value : {1, 0}) into.int32(value);
  into.int16(0);
  for (int32_t value : {0, 1}) into.int32(value);
  into.string(false, "topic");
  for (int32_t value : {1, 1}) into.int32(value);
  into.int16(0);
  for (int64_t value : {9, 9, 0}) into.int64(value);
  for (int32_t value : {-1, -1}) into.int32(value);
  into.int32(static_cast<int32_t>(batch.size()));
  fetched.insert(fetched.end(), batch.begin(), batch.end());
  save("fuzz_bench_answers", "fetch", fetched);
}

void frames() {
  for (auto [key, version] : {std::pair<int16_t, int16_t>{0, 3}, {0, 13}, {1, 18}, {3, 13}, {18, 4}, {999, 0}}) {
    Buffer frame;
    WireWriter to(frame);
    to.int16(key);
    to.int16(version);
    to.int32(1);
    to.string(false, "client");
    to.no_tagged_fields(true);
    save("fuzz_frame", "key" + std::to_string(key) + "-v" + std::to_string(version), frame);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return EXIT_FAILURE;
  }
  root = argv[1];
  batches();
  codecs();
  for (int16_t version = 3; version <= 13; version++) produce_request(version);
  for (int16_t version = 4; version <= 18; version++) fetch_request(version);
  for (int16_t version = 1; version <= 11; version++) list_offsets_request(version);
  for (int16_t version = 2; version <= 4; version++) leader_epoch_request(version);
  frames();
  bench_answers();
  return EXIT_SUCCESS;
}
