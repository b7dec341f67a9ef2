// Runs a fuzz target without libFuzzer: seeded mutation of its corpus under the sanitizers of the build.
//   PROGRAM SECONDS CORPUS_FOLDER        MILENA_FUZZ_SEED=n repeats a run; a crash leaves its input in crash-<seed> beside the program.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" void __sanitizer_set_death_callback(void (*callback)());
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() { return "handle_abort=1"; }  // a target's own checks abort

namespace {

using Input = std::vector<uint8_t>;

constexpr size_t input_size_max = 4096;
constexpr size_t corpus_max = 4096;

Input current;
std::string crash_file;

void save_current() {
  const int fd = open(crash_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return;
  if (write(fd, current.data(), current.size()) == static_cast<ssize_t>(current.size())) std::fprintf(stderr, "the input is in %s\n", crash_file.c_str());
  close(fd);
}

std::vector<Input> read_corpus(const char* folder) {
  std::vector<Input> corpus;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    std::ifstream in(entry.path(), std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  std::sort(corpus.begin(), corpus.end());
  if (corpus.empty()) corpus.emplace_back();
  return corpus;
}

class Mutator {
 public:
  explicit Mutator(uint64_t seed) : random_(seed) {}

  size_t below(size_t limit) { return static_cast<size_t>(random_() % limit); }

  void mutate(Input& input, const Input& other) {
    for (size_t steps = 1 + below(6); steps > 0; steps--) step(input, other);
    if (input.size() > input_size_max) input.resize(input_size_max);
  }

 private:
  void step(Input& input, const Input& other) {
    const size_t at = input.empty() ? 0 : below(input.size());
    switch (below(input.empty() ? 2 : 8)) {
      case 0: input.insert(input.begin() + static_cast<std::ptrdiff_t>(at), 1 + below(8), static_cast<uint8_t>(random_())); break;
      case 1: splice(input, other, at); break;
      case 2: input[at] ^= static_cast<uint8_t>(1u << below(8)); break;
      case 3: input[at] = static_cast<uint8_t>(random_()); break;
      case 4: input.resize(at); break;
      case 5: input.erase(input.begin() + static_cast<std::ptrdiff_t>(at), input.begin() + static_cast<std::ptrdiff_t>(at + 1 + below(std::min<size_t>(input.size() - at, 16)))); break;
      case 6: overwrite(input, at); break;
      default: input[at] = static_cast<uint8_t>(input[at] + (below(2) == 0 ? 1 : 255)); break;
    }
  }

  void splice(Input& input, const Input& other, size_t at) {
    if (other.empty()) return;
    const size_t from = below(other.size());
    const size_t size = 1 + below(other.size() - from);
    input.insert(input.begin() + static_cast<std::ptrdiff_t>(at), other.begin() + static_cast<std::ptrdiff_t>(from),
                 other.begin() + static_cast<std::ptrdiff_t>(from + size));
  }

  // Numbers that lengths and counts go wrong at.
  void overwrite(Input& input, size_t at) {
    static constexpr uint64_t borders[] = {0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, UINT64_MAX, INT64_MAX};
    const uint64_t value = borders[below(std::size(borders))];
    const size_t width = std::min(size_t{1} << below(4), input.size() - at);
    for (size_t i = 0; i < width; i++) input[at + i] = static_cast<uint8_t>(value >> (8 * (width - 1 - i)));
  }

  std::mt19937_64 random_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s SECONDS CORPUS_FOLDER\n", argv[0]);
    return EXIT_FAILURE;
  }
  const char* given = std::getenv("MILENA_FUZZ_SEED");
  const uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  const std::string name = std::filesystem::path(argv[0]).filename();
  std::printf("%s: seed %llu, %s s\n", name.c_str(), static_cast<unsigned long long>(seed), argv[1]);
  std::fflush(stdout);
  crash_file = std::string(argv[0]) + ".crash-" + std::to_string(seed);
  __sanitizer_set_death_callback(save_current);

  std::vector<Input> corpus = read_corpus(argv[2]);
  for (const Input& input : corpus) {
    current = input;
    LLVMFuzzerTestOneInput(current.data(), current.size());
  }
  Mutator mutator(seed);
  uint64_t runs = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::atoi(argv[1]));
  while (std::chrono::steady_clock::now() < end) {
    for (int i = 0; i < 64; i++, runs++) {
      current = corpus[mutator.below(corpus.size())];
      mutator.mutate(current, corpus[mutator.below(corpus.size())]);
      // The target says which inputs are worth mutating further: those it understood.
      const int understood = LLVMFuzzerTestOneInput(current.data(), current.size());
      if (understood == 1 && corpus.size() < corpus_max && mutator.below(16) == 0) corpus.push_back(current);
    }
  }
  std::printf("%s: %llu inputs, corpus %zu\n", name.c_str(), static_cast<unsigned long long>(runs), corpus.size());
  return EXIT_SUCCESS;
}
