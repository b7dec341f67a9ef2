// What main has left to be answered here: by which bytes it is known, that it ends when it is taken back, that it is bounded.
#include "plane/known_answers.h"

#include "test/hot_requests.h"
#include "test/served_plane.h"

using namespace milena;
using namespace milena::test;

namespace {

Buffer answer_of(int32_t correlation_id, size_t bytes, std::byte fill) {
  Buffer out;
  WireWriter(out).int32(correlation_id);
  out.resize(out.size() + bytes, fill);
  return out;
}

void knows_the_bytes_but_the_correlation_id() {
  KnownAnswers known;
  CHECK(!known.find(0, main_request(1)));
  CHECK(known.remember(0, main_request(1, 18, 5), answer_of(1, 3, std::byte{7})));
  const KnownAnswers::Answer found = known.find(0, main_request(99, 18, 5));
  REQUIRE(found != nullptr);
  CHECK(*found == Buffer(3, std::byte{7}));
  CHECK(!known.find(1, main_request(1, 18, 5)));  // another listener
  CHECK(!known.find(0, main_request(1, 3, 5)));   // another API
  CHECK(!known.find(0, main_request(1, 18, 4)));
  Buffer other = main_request(1, 18, 5);
  other.back() = std::byte{1};
  CHECK(!known.find(0, other));
  other = main_request(1, 18, 5);
  other[3] = std::byte{1};  // another version
  CHECK(!known.find(0, other));
}

void forgets_everything_at_once_and_keeps_what_is_on_its_way() {
  KnownAnswers known;
  CHECK(known.remember(0, main_request(1), answer_of(1, 3, std::byte{7})));
  const KnownAnswers::Answer held = known.find(0, main_request(2));
  known.forget();
  CHECK(!known.find(0, main_request(2)));
  CHECK_EQ(held->size(), 3u);
  CHECK(known.remember(0, main_request(1), answer_of(1, 4, std::byte{8})));
  CHECK_EQ(known.find(0, main_request(2))->size(), 4u);
  CHECK(known.remember(0, main_request(1), answer_of(1, 5, std::byte{9})));  // instead of the one before
  CHECK_EQ(known.find(0, main_request(2))->size(), 5u);
}

void is_bounded() {
  KnownAnswers known;
  const Buffer large = answer_of(1, known_answers_bytes_max / 3, std::byte{1});
  for (size_t body = 1; body <= 3; body++) CHECK(known.remember(0, main_request(1, 3, body), large));
  CHECK(!known.find(0, main_request(1, 3, 1)));
  CHECK(known.find(0, main_request(1, 3, 3)) != nullptr);
  // The same again takes no more room.
  for (int i = 0; i < 5; i++) CHECK(known.remember(0, main_request(1, 3, 3), large));
  CHECK(known.remember(0, main_request(1, 3, 4), large));
  CHECK(known.find(0, main_request(1, 3, 3)) != nullptr);
  CHECK(known.remember(0, main_request(1, 3, 5), answer_of(1, known_answers_bytes_max, std::byte{1})));
  CHECK(!known.find(0, main_request(1, 3, 5)));
  CHECK(known.find(0, main_request(1, 3, 4)) != nullptr);  // what is too large drives nothing out
  CHECK(known.remember(0, main_request(1, 3, known_request_bytes_max), answer_of(1, 1, std::byte{1})));
  CHECK(!known.find(0, main_request(1, 3, known_request_bytes_max)));
}

void refuses_what_is_no_frame() {
  KnownAnswers known;
  const Buffer request = main_request(1);
  CHECK(!known.remember(0, Bytes(request).first(7), answer_of(1, 1, std::byte{1})));
  CHECK(!known.remember(0, request, Bytes(request).first(3)));
  CHECK(!known.find(0, Bytes(request).first(7)));
}

// Over sockets: in its place in the line, under the correlation id that was asked with, and by main again after it was taken back.
void answers_without_main_until_it_is_taken_back() {
  ServedPlane served;
  Client client(served.port);
  const Buffer request = main_request(1, 3, 10);
  const Buffer answer = answer_of(1, 20, std::byte{5});
  REQUIRE(served.submit(abi::RememberCommand{.listener = 0, .request = request, .response = answer}));
  for (int32_t id = 7; id < 9; id++) CHECK(client.call(main_request(id, 3, 10)) == answer_of(id, 20, std::byte{5}));
  CHECK_EQ(served.counter(abi::Counter::requests_known), 2);
  CHECK_EQ(served.counter(abi::Counter::requests_to_main), 0);
  // Behind a request that main has, it waits for its turn.
  client.send(main_request(20, 18));
  client.send(main_request(21, 3, 10));
  const SeenRequest asked = served.next_request();
  served.respond(asked.connection, answer_of(20, 1, std::byte{6}));
  CHECK(*client.receive() == answer_of(20, 1, std::byte{6}));
  CHECK(*client.receive() == answer_of(21, 20, std::byte{5}));
  // Many at once.
  for (int32_t id = 0; id < 500; id++) client.send(main_request(id, 3, 10));
  for (int32_t id = 0; id < 500; id++) CHECK(*client.receive() == answer_of(id, 20, std::byte{5}));
  REQUIRE(served.submit(abi::ForgetCommand{}));
  client.send(main_request(9, 3, 10));
  CHECK(served.next_request().frame == main_request(9, 3, 10));
  CHECK(!served.submit(abi::RememberCommand{.listener = 0, .request = {}, .response = answer}));
}

}  // namespace

int main() {
  knows_the_bytes_but_the_correlation_id();
  forgets_everything_at_once_and_keeps_what_is_on_its_way();
  is_bounded();
  refuses_what_is_no_frame();
  answers_without_main_until_it_is_taken_back();
  return check_result();
}
