#include "scheduler/space.hpp"

#include <algorithm>
#include <limits>

namespace concd::scheduler {
namespace {

/// What must be free for a file of unknown size; more than what the transfer itself gave back.
constexpr std::uint64_t k_min_space = 2 << 20;
constexpr auto k_most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

}  // namespace

SpaceNeed need_space(const RetryPolicy& policy, std::optional<std::uint64_t> missing, Disk disk,
                     std::uint32_t seemed_enough, Microseconds now) {
  // No more than what a file, a column and a client can hold, whatever length was announced.
  const auto wanted = std::min(missing.value_or(k_min_space) + disk.kept, k_most);
  // Where the disk seems to have that already, either it came this moment, or what ran out is something else,
  // such as a quota: then more space than now is a sign of change, and without one it is tried less and less
  // often.
  if (disk.free < wanted) return {wanted, now + policy.max_delay, 0};
  const auto timeout = std::min(policy.max_delay, k_space_poll * (1U << std::min(seemed_enough, 20U)));
  return {disk.free + 1, now + timeout, seemed_enough + 1};
}

bool has_space(const SpaceNeed& need, std::uint64_t free, Microseconds now) {
  return free >= need.needed || now >= need.retry_at;
}

}  // namespace concd::scheduler
