#include "job/extents.hpp"

#include <algorithm>

namespace concd::job {

void add(Extents& extents, Extent extent) {
  if (extent.length == 0) return;
  // Those from `first` to before `last` overlap it or touch it.
  const auto first = std::ranges::lower_bound(extents, extent.offset, {}, &Extent::end);
  const auto last = std::ranges::upper_bound(extents, extent.end(), {}, &Extent::offset);
  if (first >= last) {
    extents.insert(first, extent);
    return;
  }
  const auto begin = std::min(extent.offset, first->offset);
  const auto end = std::max(extent.end(), std::prev(last)->end());
  *first = {begin, end - begin};
  extents.erase(std::next(first), last);
}

std::uint64_t covered(const Extents& extents) {
  std::uint64_t bytes = 0;
  for (const auto& extent : extents) bytes += extent.length;
  return bytes;
}

std::uint64_t front(const Extents& extents) {
  return !extents.empty() && extents.front().offset == 0 ? extents.front().length : 0;
}

std::uint64_t end_of(const Extents& extents) {
  return extents.empty() ? 0 : extents.back().end();
}

bool covers(const Extents& extents, Extent extent) {
  const auto found = std::ranges::upper_bound(extents, extent.offset, {}, &Extent::end);
  return extent.length == 0 ||
         (found != extents.end() && found->offset <= extent.offset && extent.end() <= found->end());
}

Extents below(Extents extents, std::uint64_t end) {
  std::erase_if(extents, [end](const Extent& extent) { return extent.offset >= end; });
  if (!extents.empty() && extents.back().end() > end) extents.back().length = end - extents.back().offset;
  return extents;
}

std::optional<Extent> first_gap(const Extents& extents, std::uint64_t end) {
  const auto begin = front(extents);
  if (begin >= end) return std::nullopt;
  const auto next = std::ranges::upper_bound(extents, begin, {}, &Extent::offset);
  return Extent{begin, (next == extents.end() ? end : std::min(end, next->offset)) - begin};
}

}  // namespace concd::job
