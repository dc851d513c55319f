#include "queue/mirrors.hpp"

#include "queue/public_bit.hpp"

namespace concd::queue {

std::vector<job::Mirror> mirrors_of(const job::Transfer& transfer) {
  std::vector<job::Mirror> mirrors;
  if (transfer.failure && transfer.failure->kind == job::FailureKind::verification) return mirrors;
  const auto& urls = transfer.spec.urls;
  for (std::size_t step = 1; step < urls.size(); ++step) {
    const auto index = static_cast<std::uint32_t>((transfer.mirror + step) % urls.size());
    mirrors.push_back({urls[index], (transfer.history.met_public & public_bit(index)) != 0});
  }
  return mirrors;
}

}  // namespace concd::queue
