#include "queue/parts.hpp"

#include <algorithm>

#include <unistd.h>

#include "util/crash_point.hpp"
#include "util/errno_error.hpp"

namespace concd::queue {
namespace {

bool is_callers(const job::Transfer& transfer, std::uint32_t part) {
  return transfer.into && part == job::CallersFile::k_part;
}

}  // namespace

void Parts::open(Record& record) const {
  auto& live = *record.live;
  auto& checkpoint = record.transfer.checkpoint;
  // The row on the disk may name this one long after the checkpoint here has been forgotten: no other file
  // gets its number.
  record.last_part = std::max(record.last_part, checkpoint.part);
  if (checkpoint.part != 0) {
    live.kept = open_kept(record.transfer);
    if (!live.kept) checkpoint = {};
  }
  live.kept_part = checkpoint.part;
  open_fresh(record);
}

job::SharedFd Parts::open_kept(const job::Transfer& transfer) const {
  const auto part = transfer.checkpoint.part;
  if (is_callers(transfer, part)) return m_files.find(transfer.into);
  auto file = m_folder.open_partial(transfer.id, part);
  return file ? std::make_shared<const UniqueFd>(std::move(file)) : nullptr;
}

void Parts::open_fresh(Record& record) const {
  auto& live = *record.live;
  const auto& into = record.transfer.into;
  const auto file = into && record.last_part == 0 ? m_files.find(into) : nullptr;
  if (file) {
    check_errno(::ftruncate(file->get(), 0), "cannot empty the caller's file");
    live.fresh_part = job::CallersFile::k_part;
    live.fresh = file;
    return;
  }
  if (into) record.last_part = std::max(record.last_part, job::CallersFile::k_part);
  live.fresh_part = ++record.last_part;
  live.fresh = std::make_shared<const UniqueFd>(m_folder.create_partial(record.id(), live.fresh_part));
}

job::SharedFd Parts::delivered(const Record& record) {
  const auto& live = *record.live;
  return record.transfer.checkpoint.part == live.fresh_part ? live.fresh : live.kept;
}

bool Parts::is_in_place(const job::Transfer& transfer) {
  return is_callers(transfer, transfer.checkpoint.part);
}

void Parts::keep_only(const Record& record, std::uint32_t part) const {
  if (!record.live) return;
  for (const auto number : {record.live->kept_part, record.live->fresh_part})
    if (number != 0 && number != part) drop(record.transfer, number);
  crash_point("parts.dropped");
}

void Parts::remove(const job::Transfer& transfer) const {
  if (transfer.checkpoint.part == 0) return;
  drop(transfer, transfer.checkpoint.part);
  crash_point("partial.dropped");
}

void Parts::drop(const job::Transfer& transfer, std::uint32_t part) const {
  if (!is_callers(transfer, part)) return m_folder.remove_partial(transfer.id, part);
  // Its name is the caller's to remove; what it takes of the disk is not needed any more, and if it cannot be
  // given back, that is the caller's loss.
  if (const auto file = m_files.find(transfer.into); file && ::ftruncate(file->get(), 0) != 0) return;
}

}  // namespace concd::queue
