#include "worker/unpack_limits.hpp"

#include <limits>

namespace concd::worker {

UnpackLimits unpack_limits(std::uint64_t size) {
  constexpr auto k_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const auto grown = size > (k_max - k_allowance) / k_expansion ? k_max : size * k_expansion + k_allowance;
  return {grown, k_max_entries};
}

}  // namespace concd::worker
