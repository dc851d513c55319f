#include "worker/order_limits.hpp"

#include "util/overloaded.hpp"

namespace concd::worker {
namespace {

/// What the slowest codec makes on a slow processor, bytes/s, and a minute for all besides.
constexpr rlim_t k_least_rate = 4 << 20;
constexpr rlim_t k_cpu_allowance = 60;
/// A server that sends more than it was expected to is found out by the engine, which says so.
constexpr rlim_t k_excess = 64 << 20;

OrderLimits limits_of_transfer(const job::Task& task) {
  OrderLimits limits;
  if (task.size && *task.size < RLIM_INFINITY - k_excess) limits.file_size = *task.size + k_excess;
  return limits;
}

OrderLimits limits_of_unpacking(const UnpackLimits& limits) {
  return {k_cpu_allowance + limits.bytes / k_least_rate, limits.bytes};
}

}  // namespace

OrderLimits limits_of(const Command& order) {
  return std::visit(Overloaded{[](const Begin& begin) { return limits_of_transfer(begin.task); },
                               [](const Unpack& unpack) { return limits_of_unpacking(unpack.limits); },
                               [](const Stop&) { return OrderLimits{}; }},
                    order);
}

}  // namespace concd::worker
