// Those who wait at a partition. Intrusive: nodes belong to their owners, lists to the partition, whose mutex protects them;
// nothing here locks or allocates.
#pragma once
#include <atomic>
#include <cstdint>

#include "base/types.h"
#include "plane/append.h"

namespace milena {

// A fetch that waits for bytes, registered at several partitions by one FetchWait each. Belongs to its owner's thread.
// Woken at most once until rearm(). After leaving every partition (forget_fetch), a waiter whose woken() is true still has a wake() of
// its owner under way and must live until that arrives.
struct FetchWaiter {
  Owner* owner = nullptr;
  void* context = nullptr;
  bool woken() const { return woken_.load(std::memory_order_acquire); }
  void rearm() { woken_.store(false, std::memory_order_release); }  // only while registered nowhere
  // Any thread. True for the first caller since arming, who then calls owner->wake.
  bool trip() { return !woken_.exchange(true, std::memory_order_acq_rel); }

 private:
  std::atomic<bool> woken_{false};
};

// One partition of a waiting fetch.
struct FetchWait {
  FetchWaiter* waiter = nullptr;
  Offset seen{0};               // the upper bound the fetch was answered up to: it waits for a higher one
  bool read_committed = false;  // the bound is the last stable offset instead of the high watermark
  // The partition's.
  FetchWait* next = nullptr;
  FetchWait* previous = nullptr;
  bool registered = false;
};

// A connection whose parser stands still because the queue of a partition is crowded.
struct SpaceWaiter {
  Owner* owner = nullptr;
  void* context = nullptr;
  uint32_t bytes = 0;  // what it expects to bring, so that no more are woken than there is room for
  // The partition's.
  SpaceWaiter* next = nullptr;
  SpaceWaiter* previous = nullptr;
  bool registered = false;
};

// A doubly linked list through `next` and `previous` of its nodes.
template <class Node>
class WaitList {
 public:
  bool empty() const { return first_ == nullptr; }
  Node* first() const { return first_; }
  Node* last() const { return last_; }
  void push_back(Node& node) { insert_after(last_, node); }
  // `after` null: at the front.
  void insert_after(Node* after, Node& node) {
    node.previous = after;
    node.next = after != nullptr ? after->next : first_;
    (node.next != nullptr ? node.next->previous : last_) = &node;
    (after != nullptr ? after->next : first_) = &node;
  }
  void remove(Node& node) {
    (node.previous != nullptr ? node.previous->next : first_) = node.next;
    (node.next != nullptr ? node.next->previous : last_) = node.previous;
    node.next = node.previous = nullptr;
  }

 private:
  Node* first_ = nullptr;
  Node* last_ = nullptr;
};

// Batches that wait for the high watermark, least required offset first. Batches arrive in offset order except for duplicates,
// so insertion looks from the back.
class AckWaiters {
 public:
  bool empty() const { return list_.empty(); }
  void insert(Append& append);
  void remove(Append& append) { list_.remove(append); }
  // Takes out, as a chain through `next`, those that `high_watermark` satisfies; all of them with take_all.
  Append* take_satisfied(Offset high_watermark);
  Append* take_all();

 private:
  WaitList<Append> list_;
};

}  // namespace milena
