#include "engine/space_ahead.hpp"

#include <algorithm>
#include <utility>

namespace concd::engine {
namespace {

// Space is reserved where a full disk would cost much; for small files it would only cost time.
constexpr std::uint64_t k_reserve_from = 1 << 20;
// Large enough that the file stays in few pieces.
constexpr std::uint64_t k_step = 64 << 20;
// What is not reserved may be granted to many at once, so nobody gets much of what is left.
constexpr std::uint64_t k_share = 64;

}  // namespace

SpaceAhead::SpaceAhead(PartFile& file, std::uint64_t min_free, std::optional<std::uint64_t> total,
                       job::Extents here)
    : m_min_free(min_free), m_total(total), m_granted(std::move(here)) {
  const auto bytes = covered(m_granted);
  if (total && *total > bytes) (void)room(file, *total - bytes);
}

std::uint64_t SpaceAhead::room(PartFile& file, std::uint64_t needed) const {
  const auto space = file.space();
  // Some network file systems do not tell.
  if (space.total == 0) return k_share * k_step;
  const auto kept = kept_free(m_min_free, space.total);
  const auto left = space.free > kept ? space.free - kept : 0;
  if (left < needed) file.refuse_space();
  return left;
}

void SpaceAhead::reach(PartFile& file, job::Extent range) {
  if (covers(m_granted, range)) return;
  auto step = std::clamp(room(file, range.length) / k_share, range.length, std::max(range.length, k_step));
  const bool reserves = m_total && *m_total >= k_reserve_from && range.end() <= *m_total;
  if (reserves) step = std::min(step, *m_total - range.offset);
  if (reserves) file.reserve(range.offset, step);
  add(m_granted, {range.offset, step});
}

}  // namespace concd::engine
