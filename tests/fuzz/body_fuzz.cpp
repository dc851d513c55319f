// A body in a coding that nobody asked for. However it is cut into pieces, the same comes out; and never more
// than a hundred times its size, but for what is small.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "engine/decoder.hpp"
#include "expect.hpp"

namespace {

using namespace concd;
using fuzz::expect;

constexpr std::size_t k_wanted = 1 << 20;
constexpr std::uint64_t k_harmless = 16 << 20;

/// Takes what is decoded, up to a limit.
class Taken final : public engine::Sink {
 public:
  explicit Taken(std::uint64_t limit) : m_limit(limit) {}
  bool accept(const engine::Answer& answer) override { return !answer.unchanged; }
  bool write(std::string_view data) override {
    bytes += data.size();
    if (text.size() < k_wanted) text += data.substr(0, k_wanted - text.size());
    return bytes <= m_limit;
  }
  void end(std::optional<job::Failure> failure) override { static_cast<void>(failure); }

  std::string text;
  std::uint64_t bytes = 0;

 private:
  std::uint64_t m_limit;
};

struct Outcome {
  bool well = true;
  bool complete = false;
  std::string text;
  std::uint64_t bytes = 0;
};

Outcome decode(std::string_view body, std::size_t piece, std::uint64_t limit) {
  engine::Decoder decoder;
  Taken taken(limit);
  bool well = true;
  for (std::size_t at = 0; well && at < body.size(); at += piece)
    well = decoder.write(body.substr(at, piece), taken);
  // Stopped by the one or by the other, never without a reason.
  if (!well) expect(decoder.fault().has_value() != (taken.bytes > limit));
  return {well, well && decoder.complete(), taken.text, taken.bytes};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto body = fuzz::text_of(data, size).substr(1);
  const auto whole = decode(body, body.size() + 1, UINT64_MAX);
  expect(whole.bytes <= std::max<std::uint64_t>(k_harmless, 101 * size) + (64 << 10));
  // Once more and once more again would cost what is large too much time.
  if (whole.bytes > k_wanted) return 0;
  const auto pieces = decode(body, data[0] + 1U, UINT64_MAX);
  expect(pieces.well == whole.well && pieces.complete == whole.complete);
  if (whole.well) expect(pieces.bytes == whole.bytes && pieces.text == whole.text);
  if (whole.bytes > 0) expect(!decode(body, data[0] + 1U, whole.bytes - 1).complete);
  return 0;
}
