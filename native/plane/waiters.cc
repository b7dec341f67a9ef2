#include "plane/waiters.h"

namespace milena {

void AckWaiters::insert(Append& append) {
  Append* before = list_.last();
  while (before != nullptr && before->required > append.required) before = before->previous;
  list_.insert_after(before, append);
}

Append* AckWaiters::take_satisfied(Offset high_watermark) {
  Append* chain = nullptr;
  Append** end = &chain;
  while (Append* first = list_.first()) {
    if (first->required > high_watermark) break;
    list_.remove(*first);
    *end = first;
    end = &first->next;
  }
  return chain;
}

Append* AckWaiters::take_all() { return take_satisfied(Offset{INT64_MAX}); }

}  // namespace milena
