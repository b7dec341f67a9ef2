// Where a reactor reads: what is held stays as it is, what is not is read into again, and all of it is paid for.
#include "plane/read_space.h"

#include "test/check.h"

using namespace milena;
using namespace milena::test;

namespace {

constexpr uint64_t plenty = 1ull << 30;

struct Space {
  explicit Space(uint64_t budget_bytes = plenty) : budget(budget_bytes, counters) {}
  // What holds the first `size` bytes of a new room.
  std::shared_ptr<void> hold(size_t size) {
    const ReadSpace::Room room = space->room();
    space->keep(size);
    return room.hold;
  }

  Counters counters;
  MemoryBudget budget;
  std::unique_ptr<ReadSpace> space = std::make_unique<ReadSpace>(budget);
};

void what_nobody_holds_is_read_into_again() {
  Space s;
  const std::byte* const first = s.space->room().bytes.data();
  s.space->keep(100);
  const ReadSpace::Room again = s.space->room();
  CHECK(again.bytes.data() == first);
  CHECK_EQ(again.bytes.size(), read_block_bytes);
  CHECK_EQ(reinterpret_cast<uintptr_t>(first) % 4096, 0u);
}

void what_is_held_stays() {
  Space s;
  const auto held = s.hold(1000);
  const ReadSpace::Room behind = s.space->room();
  CHECK(behind.bytes.data() == static_cast<std::byte*>(held.get()) + 1000);
  CHECK_EQ(behind.bytes.size(), read_block_bytes - 1000);
  s.space->keep(read_block_bytes - 1000 - read_room_bytes_min + 1);
  // Too little is left.
  const ReadSpace::Room other = s.space->room();
  CHECK(other.hold != nullptr && other.hold.get() != held.get());
  CHECK_EQ(s.budget.used(), 2 * read_block_bytes);
}

void a_block_comes_back_when_all_have_let_go() {
  Space s;
  auto first = s.hold(1000);
  auto second = s.hold(1000);
  const std::byte* const begin = static_cast<std::byte*>(first.get());
  first.reset();
  CHECK(s.space->room().bytes.data() == begin + 2000);
  CHECK_EQ(s.budget.used(), read_block_bytes);
  second.reset();
  CHECK(s.space->room().bytes.data() == begin);
  CHECK_EQ(s.budget.used(), 0u);
}

void there_is_an_end_to_it() {
  Space s;
  std::vector<std::shared_ptr<void>> held;
  for (size_t i = 0; i < read_blocks_max; i++) held.push_back(s.hold(read_block_bytes));
  CHECK_EQ(s.budget.used(), read_blocks_max * read_block_bytes);
  const ReadSpace::Room spare = s.space->room();
  CHECK(spare.hold == nullptr);
  CHECK_EQ(spare.bytes.size(), read_room_bytes_min);
  void* const seventh = held[6].get();
  held[6].reset();
  CHECK(s.space->room().hold.get() == seventh);
}

void a_full_budget_lends_nothing() {
  Space s(read_block_bytes);
  const auto held = s.hold(1000);
  CHECK(held != nullptr);
  CHECK(s.space->room().hold != nullptr);  // of the same block, which is paid for
  s.space->keep(read_block_bytes - 1000);
  CHECK(s.space->room().hold == nullptr);
}

void a_hold_outlives_the_space() {
  Space s;
  auto held = s.hold(1000);
  s.space.reset();
  std::fill_n(static_cast<std::byte*>(held.get()), 1000, std::byte{1});
  CHECK_EQ(s.budget.used(), read_block_bytes);
  held.reset();
  CHECK_EQ(s.budget.used(), 0u);
}

}  // namespace

int main() {
  what_nobody_holds_is_read_into_again();
  what_is_held_stays();
  a_block_comes_back_when_all_have_let_go();
  there_is_an_end_to_it();
  a_full_budget_lends_nothing();
  a_hold_outlives_the_space();
  return check_result();
}
