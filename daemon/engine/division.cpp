#include "engine/division.hpp"

#include <algorithm>

namespace concd::engine {
namespace {

/// Seconds after which the end of a file is asked for a second time.
constexpr double k_slow = 2;
/// Pieces begin at multiples of this, in bytes.
constexpr std::uint64_t k_alignment = 64 << 10;

double seconds_left(const Share& share) {
  return static_cast<double>(share.end - share.begin) /
         static_cast<double>(std::max<std::uint64_t>(share.rate, 1));
}

bool is_twice(const std::vector<Share>& shares, const Share& share) {
  return std::ranges::count(shares, share.end, &Share::end) > 1;
}

/// The index of the one that would take longest of those that `fits` holds of.
template <typename Fits>
std::optional<std::size_t> slowest(const std::vector<Share>& shares, Fits fits) {
  std::optional<std::size_t> found;
  for (std::size_t index = 0; index < shares.size(); ++index)
    if (fits(shares[index]) && (!found || seconds_left(shares[index]) > seconds_left(shares[*found])))
      found = index;
  return found;
}

}  // namespace

std::optional<Piece> next_piece(const job::Extents& written, std::uint64_t total,
                                const std::vector<Share>& shares) {
  auto taken = written;
  for (const auto& share : shares) add(taken, {share.begin, share.end - share.begin});
  if (const auto gap = first_gap(taken, total)) return Piece{*gap, std::nullopt};

  const auto is_large = [](const Share& share) { return share.end - share.begin >= 2 * k_min_piece; };
  if (const auto index = slowest(shares, is_large)) {
    const auto& share = shares[*index];
    const auto middle = (share.begin + (share.end - share.begin) / 2) / k_alignment * k_alignment;
    return Piece{{middle, share.end - middle}, index};
  }

  const auto is_slow = [&](const Share& share) {
    return share.proven && share.begin < share.end && seconds_left(share) > k_slow &&
           !is_twice(shares, share);
  };
  if (const auto index = slowest(shares, is_slow)) {
    const auto& share = shares[*index];
    return Piece{{share.begin, share.end - share.begin}, std::nullopt};
  }
  return std::nullopt;
}

}  // namespace concd::engine
