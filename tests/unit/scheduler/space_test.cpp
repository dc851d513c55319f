#include "scheduler/space.hpp"

#include <vector>

#include "support/catch.hpp"

using namespace concd;
using namespace concd::scheduler;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t k_mib = 1 << 20;
constexpr Microseconds k_now = 100h;
const RetryPolicy k_policy{.max_delay = 10min};

struct NeedRow {
  const char* what;
  std::optional<std::uint64_t> missing;
  std::uint64_t free;
  std::uint32_t seemed_enough;
  SpaceNeed need;  ///< retry_at from now
};

const std::vector<NeedRow> k_needs{
    {"what is missing of the file must be free", 50 * k_mib, 10 * k_mib, 0, {50 * k_mib, 10min, 0}},
    {"and what seemed to be enough before is forgotten", 50 * k_mib, 10 * k_mib, 9, {50 * k_mib, 10min, 0}},
    {"2 MiB where nobody knows", std::nullopt, k_mib, 0, {2 * k_mib, 10min, 0}},
    {"enough seems free: any more is a sign", 50 * k_mib, 60 * k_mib, 0, {60 * k_mib + 1, 5s, 1}},
    {"just enough as well", 50 * k_mib, 50 * k_mib, 0, {50 * k_mib + 1, 5s, 1}},
    {"without a sign it is tried less often", 50 * k_mib, 60 * k_mib, 1, {60 * k_mib + 1, 10s, 2}},
    {"and less", 50 * k_mib, 60 * k_mib, 4, {60 * k_mib + 1, 80s, 5}},
    {"but at max_delay", 50 * k_mib, 60 * k_mib, 4000000000, {60 * k_mib + 1, 10min, 4000000001}},
    {"the same for an unknown size", std::nullopt, 60 * k_mib, 1, {60 * k_mib + 1, 10s, 2}},
};

struct SpaceRow {
  const char* what;
  std::uint64_t free;
  Microseconds now;
  bool has_space;
};

constexpr SpaceNeed k_need{50 * k_mib, k_now + 10min};

const std::vector<SpaceRow> k_spaces{
    {"a byte is missing", 50 * k_mib - 1, k_now, false},
    {"all is free", 50 * k_mib, k_now, true},
    {"the time is not up", 0, k_now + 10min - 1us, false},
    {"the time is up", 0, k_now + 10min, true},
};

}  // namespace

TEST_CASE("what is kept free is needed besides the file") {
  const auto kept = need_space(k_policy, 50 * k_mib, {20 * k_mib, 15 * k_mib}, 0, k_now);
  CHECK(kept == SpaceNeed{65 * k_mib, k_now + 10min});
  CHECK(need_space(k_policy, std::nullopt, {0, 15 * k_mib}, 0, k_now).needed == 17 * k_mib);
}

TEST_CASE("what a transfer needs that found the disk full") {
  for (const auto& [what, missing, free, seemed_enough, need] : k_needs) {
    INFO(what);
    CHECK(need_space(k_policy, missing, {free, 0}, seemed_enough, k_now) ==
          SpaceNeed{need.needed, k_now + need.retry_at, need.seemed_enough});
  }
}

TEST_CASE("when a transfer that found the disk full is tried again") {
  for (const auto& [what, free, now, expected] : k_spaces) {
    INFO(what);
    CHECK(has_space(k_need, free, now) == expected);
  }
}
