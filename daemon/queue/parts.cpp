#include "queue/parts.hpp"

#include <algorithm>

#include "util/crash_point.hpp"

namespace concd::queue {

void Parts::open(Record& record) const {
  auto& live = *record.live;
  auto& checkpoint = record.transfer.checkpoint;
  const auto id = record.id();
  // The row on the disk may name this one long after the checkpoint here has been forgotten: no other file
  // gets its number.
  record.last_part = std::max(record.last_part, checkpoint.part);
  if (checkpoint.part != 0) {
    if (auto kept = m_folder.open_partial(id, checkpoint.part))
      live.kept = std::make_shared<const UniqueFd>(std::move(kept));
    else
      checkpoint = {};
  }
  live.kept_part = checkpoint.part;
  live.fresh_part = ++record.last_part;
  live.fresh = std::make_shared<const UniqueFd>(m_folder.create_partial(id, live.fresh_part));
}

job::SharedFd Parts::delivered(const Record& record) {
  const auto& live = *record.live;
  return record.transfer.checkpoint.part == live.fresh_part ? live.fresh : live.kept;
}

void Parts::keep_only(const Record& record, std::uint32_t part) const {
  if (!record.live) return;
  for (const auto number : {record.live->kept_part, record.live->fresh_part})
    if (number != 0 && number != part) m_folder.remove_partial(record.id(), number);
  crash_point("parts.dropped");
}

void Parts::remove(const job::Transfer& transfer) const {
  if (transfer.checkpoint.part == 0) return;
  m_folder.remove_partial(transfer.id, transfer.checkpoint.part);
  crash_point("partial.dropped");
}

}  // namespace concd::queue
