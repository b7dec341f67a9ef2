// CRC32C: published values, and every form against the portable one at every alignment and length around the lanes' borders.
#include "base/crc32c.h"

#include <random>
#include <string_view>
#include <vector>

#include "test/check.h"

using namespace milena;

namespace {

Bytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

void known_values(const Crc32cForm& form) {
  const std::vector<std::byte> zeros(32, std::byte{0}), ones(32, std::byte{0xff});
  CHECK_EQ(form.run(bytes_of(""), 0), 0u);
  CHECK_EQ(form.run(bytes_of("123456789"), 0), 0xe3069283u);
  CHECK_EQ(form.run(zeros, 0), 0x8a9136aau);  // RFC 3720, B.4
  CHECK_EQ(form.run(ones, 0), 0x62a8ab43u);
}

void agrees_with_portable(const Crc32cForm& form) {
  std::mt19937_64 random(7);
  std::vector<std::byte> bytes(20'000);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  const Crc32cForm& portable = crc32c_forms().back();
  for (size_t size : {0, 1, 7, 8, 9, 63, 64, 1023, 1024, 3071, 3072, 3073, 3080, 6144, 6151, 9216, 19'990}) {
    for (size_t begin = 0; begin < 9; begin++) {
      const Bytes part = Bytes(bytes).subspan(begin, size);
      const auto seed = static_cast<uint32_t>(random());
      if (!CHECK_EQ(form.run(part, seed), portable.run(part, seed))) return;
      const size_t cut = size / 3;
      if (!CHECK_EQ(form.run(part.subspan(cut), form.run(part.first(cut), seed)), form.run(part, seed))) return;
    }
  }
}

}  // namespace

int main() {
  CHECK(!crc32c_forms().empty());
  for (const Crc32cForm& form : crc32c_forms()) {
    known_values(form);
    agrees_with_portable(form);
  }
  CHECK_EQ(crc32c(bytes_of("123456789")), 0xe3069283u);
  return test::check_result();
}
