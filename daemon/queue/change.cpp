#include "queue/change.hpp"

#include <algorithm>

namespace concd::queue {

bool Change::names_partial() const {
  const auto holds_bytes = [](const job::Transfer& transfer) { return !transfer.checkpoint.extents.empty(); };
  return (checkpoint && !checkpoint->checkpoint.extents.empty()) ||
         std::ranges::any_of(transfers, holds_bytes);
}

}  // namespace concd::queue
