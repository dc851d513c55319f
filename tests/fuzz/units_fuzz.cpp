// Digests, sizes and time spans as people write them: what is taken is written and read again, and must then
// be the same.

#include <algorithm>

#include "expect.hpp"
#include "job/digest.hpp"
#include "util/units.hpp"

namespace {

using namespace concd;
using fuzz::expect;

void check_digest(const job::Digest& digest) {
  expect(job::parse_digest(job::to_string(digest)) == digest);
  expect(std::ranges::all_of(digest.hex,
                             [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  if (const auto digest = job::parse_digest(text)) check_digest(*digest);
  if (const auto span = parse_duration(text)) {
    expect(*span >= Microseconds{});
    expect(parse_duration(exact_duration(*span)) == span);
    expect(!format_duration(*span).empty());
  }
  if (const auto bytes = parse_size(text)) {
    expect(parse_size(exact_size(*bytes)) == bytes);
    expect(!format_size(*bytes).empty());
  }
  return 0;
}
