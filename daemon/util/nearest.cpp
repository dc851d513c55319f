#include "util/nearest.hpp"

#include <algorithm>
#include <array>

namespace concd {
namespace {

/// Longer words are not compared: names of files and keys are shorter.
constexpr std::size_t k_longest = 255;
constexpr std::size_t k_max_mistakes = 4;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// One row of the table of distances between all beginnings of two words.
using Row = std::array<std::size_t, k_longest + 1>;

/// The optimal string alignment distance; any number above `limit` when it is more than that.
std::size_t distance(std::string_view a, std::string_view b, std::size_t limit) {
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > limit) return limit + 1;
  Row before{};
  Row last{};
  Row row{};
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    auto least = row[0];
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]))
        row[j] = std::min(row[j], before[j - 2] + 1);
      least = std::min(least, row[j]);
    }
    if (least > limit) return limit + 1;
    before = last;
    last = row;
  }
  return last[b.size()];
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view word,
                                        const std::vector<std::string_view>& candidates) {
  if (word.empty() || word.size() > k_longest) return std::nullopt;
  auto limit = std::min((word.size() + 2) / 3, k_max_mistakes);
  std::optional<std::string_view> best;
  for (const auto candidate : candidates) {
    if (candidate.size() > k_longest) continue;
    const auto mistakes = distance(word, candidate, limit);
    if (mistakes > limit || (best && mistakes == limit)) continue;
    best = candidate;
    limit = mistakes;
  }
  return best;
}

}  // namespace concd
