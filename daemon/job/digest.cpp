#include "job/digest.hpp"

#include <algorithm>
#include <cctype>

namespace concd::job {

std::optional<Digest> parse_digest(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto name = text.substr(0, colon);
  const auto known = std::ranges::find(k_digest_algorithms, name, &DigestAlgorithm::name);
  if (known == k_digest_algorithms.end()) return std::nullopt;
  std::string hex(text.substr(colon + 1));
  const auto is_hex = [](unsigned char c) { return std::isxdigit(c) != 0; };
  if (hex.size() != known->hex_digits || !std::ranges::all_of(hex, is_hex)) return std::nullopt;
  std::ranges::transform(hex, hex.begin(), [](unsigned char c) { return std::tolower(c); });
  return Digest{std::string(name), std::move(hex)};
}

std::string to_string(const Digest& digest) {
  return digest.algorithm + ":" + digest.hex;
}

}  // namespace concd::job
