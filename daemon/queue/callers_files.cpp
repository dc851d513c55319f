#include "queue/callers_files.hpp"

#include <utility>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace concd::queue {
namespace {

bool is_usable(int fd, const struct stat& status, uid_t uid) {
  const int flags = ::fcntl(fd, F_GETFL);
  return flags >= 0 && (flags & O_ACCMODE) == O_RDWR && (flags & (O_APPEND | O_DIRECT | O_PATH)) == 0 &&
         S_ISREG(status.st_mode) && status.st_uid == uid;
}

}  // namespace

void CallersFiles::set_limit(std::size_t per_user) {
  rlimit open_files{};
  (void)::getrlimit(RLIMIT_NOFILE, &open_files);
  m_limit_per_user = per_user;
  m_limit = open_files.rlim_cur / 2;
}

tl::expected<job::SharedFd, CallersFiles::Objection> CallersFiles::look_over(ReceivedFd file, uid_t uid) {
  // First: of what else it may be nothing is asked.
  if (!m_disks.have(file.get())) return tl::unexpected(Objection::declined);
  auto fd = file.take();
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0 || !is_usable(fd.get(), status, uid))
    return tl::unexpected(Objection::unusable);
  const auto of_user = m_of_user.find(uid);
  const bool too_many = of_user != m_of_user.end() && of_user->second >= m_limit_per_user;
  if (too_many || m_held.size() >= m_limit) return tl::unexpected(Objection::declined);
  return std::make_shared<const UniqueFd>(std::move(fd));
}

job::CallersFile CallersFiles::hold(job::Id job, uid_t uid, job::SharedFd file) {
  struct stat status{};
  (void)::fstat(file->get(), &status);
  const job::CallersFile known{job, uid, status.st_ino};
  put(known, std::move(file));
  return known;
}

bool CallersFiles::hold_again(const job::Transfer& transfer, job::SharedFd file) {
  const auto& known = transfer.into;
  const auto& checkpoint = transfer.checkpoint;
  const auto needed = checkpoint.part == job::CallersFile::k_part ? end_of(checkpoint.extents) : 0;
  struct stat status{};
  if (::fstat(file->get(), &status) != 0 || !is_usable(file->get(), status, known.uid)) return false;
  if (status.st_ino != known.inode || static_cast<std::uint64_t>(status.st_size) < needed) return false;
  put(known, std::move(file));
  return true;
}

void CallersFiles::put(const job::CallersFile& known, job::SharedFd file) {
  if (m_held.insert_or_assign(known.job, Held{std::move(file)}).second) ++m_of_user[known.uid];
}

job::SharedFd CallersFiles::find(const job::CallersFile& known) const {
  const auto held = m_held.find(known.job);
  return held == m_held.end() ? nullptr : held->second.file;
}

void CallersFiles::keep(const job::CallersFile& known) {
  const auto held = m_held.find(known.job);
  if (held == m_held.end() || m_store == nullptr || std::exchange(held->second.kept, true)) return;
  m_store->keep(known.job, held->second.file->get());
}

void CallersFiles::release(const job::CallersFile& known) {
  const auto held = m_held.find(known.job);
  if (held == m_held.end()) return;
  if (held->second.kept) m_store->drop(known.job);
  m_held.erase(held);
  const auto of_user = m_of_user.find(known.uid);
  if (--of_user->second == 0) m_of_user.erase(of_user);
}

}  // namespace concd::queue
