// What a reactor reads into: blocks that requests are served from where they lie, so that a batch is copied once, into the page cache.
// A block is read into again when nobody holds anything in it any more; usually that is so as soon as a round's appends are written, and
// the same block serves the next round while it is still in the processor's cache.
// Owner: Reactor. Thread: its own; what was lent may be let go of on any.
#pragma once
#include <atomic>
#include <cstdlib>
#include <memory>
#include <vector>

#include "base/types.h"
#include "plane/memory_budget.h"

namespace milena {

inline constexpr size_t read_block_bytes = 256 * 1024;
inline constexpr size_t read_blocks_max = 16;           // of one reactor
inline constexpr size_t read_room_bytes_min = 64 * 1024;  // less than this at the end of a block is not worth a call

class ReadSpace {
 public:
  explicit ReadSpace(MemoryBudget& budget) : budget_(budget) {}

  struct Room {
    // At least read_room_bytes_min, until the next room().
    MutableBytes bytes;
    // Whoever copies this keeps `bytes` as they are. Null: all blocks are held, or the budget has no room for one; what is read here must be
    // copied before the next room().
    std::shared_ptr<void> hold;
  };
  Room room();
  // The first `size` bytes of the last room belong to whoever holds it.
  void keep(size_t size) { used_ += size; }

 private:
  // Begins with a page: 1 to 63 bytes behind the page offset of what is copied there, some processors take twenty times as long for a
  // copy (docs/non-obvious.md), and what arrives lies most often at the beginning of a page.
  struct Freeing {
    void operator()(std::byte* bytes) const { std::free(bytes); }
  };
  using Pages = std::unique_ptr<std::byte, Freeing>;
  static Pages make_pages(size_t size);

  // A block that is held is charged to the budget as a whole.
  struct Block {
    explicit Block(MemoryBudget& budget) : charged(budget), bytes(make_pages(read_block_bytes)) {}
    std::shared_ptr<void> lend(std::shared_ptr<Block> self);
    bool is_held() const { return holds.load(std::memory_order_acquire) > 0; }

    MemoryBudget& charged;
    const Pages bytes;
    std::atomic<uint32_t> holds{0};
  };
  bool find_block();

  MemoryBudget& budget_;
  std::vector<std::shared_ptr<Block>> blocks_;
  std::shared_ptr<Block> current_;
  size_t used_ = 0;  // of the current one
  Pages spare_;
};

}  // namespace milena
