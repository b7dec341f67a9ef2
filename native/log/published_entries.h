// A list that one thread appends to while others read it: entries never move and never change once they are counted.
#pragma once
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace milena {

template <class T>
class PublishedEntries {
 public:
  PublishedEntries() = default;
  PublishedEntries(const PublishedEntries&) = delete;
  PublishedEntries& operator=(const PublishedEntries&) = delete;
  ~PublishedEntries() {
    for (std::atomic<T*>& chunk : chunks_) delete[] chunk.load(std::memory_order_relaxed);
  }

  uint32_t size() const { return size_.load(std::memory_order_acquire); }
  // `i` is below a size() this thread has seen.
  const T& operator[](uint32_t i) const {
    const Place place = place_of(i);
    return chunks_[place.chunk].load(std::memory_order_acquire)[place.at];
  }
  // Writer only.
  void push(const T& entry) {
    const uint32_t i = size_.load(std::memory_order_relaxed);
    const Place place = place_of(i);
    T* chunk = chunks_[place.chunk].load(std::memory_order_relaxed);
    if (chunk == nullptr) {
      chunk = new T[size_t{first_chunk} << place.chunk];
      chunks_[place.chunk].store(chunk, std::memory_order_release);
    }
    chunk[place.at] = entry;
    size_.store(i + 1, std::memory_order_release);
  }

 private:
  // Chunk k holds first_chunk << k entries, so few entries cost little and many need few chunks.
  static constexpr uint32_t first_chunk = 16;
  static constexpr size_t chunk_count = 24;
  struct Place {
    uint32_t chunk;
    uint32_t at;
  };
  static Place place_of(uint32_t i) {
    const uint32_t chunk = static_cast<uint32_t>(std::bit_width(i / first_chunk + 1)) - 1;
    return {chunk, i - first_chunk * ((1u << chunk) - 1)};
  }

  std::array<std::atomic<T*>, chunk_count> chunks_{};
  std::atomic<uint32_t> size_{0};
};

}  // namespace milena
