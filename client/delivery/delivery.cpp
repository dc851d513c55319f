#include "client/delivery/delivery.hpp"

#include <array>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "util/errno_error.hpp"

namespace concd::client {
namespace {

constexpr std::int64_t k_second = 1'000'000;

/// Times of utimensat(2).
std::array<timespec, 2> times_of(Microseconds mtime) {
  std::array<timespec, 2> times{};
  times[0].tv_nsec = UTIME_NOW;
  times[1].tv_sec = mtime.count() / k_second;
  times[1].tv_nsec = mtime.count() % k_second * 1000;
  return times;
}

}  // namespace

// Some file systems cannot store every time.

void set_mtime(const std::filesystem::path& file, Microseconds mtime) {
  if (mtime <= Microseconds::zero()) return;
  (void)::utimensat(AT_FDCWD, file.c_str(), times_of(mtime).data(), AT_SYMLINK_NOFOLLOW);
}

Delivery::Delivery(Finished finished, std::filesystem::path wanted, bool replace)
    : m_finished(std::move(finished)),
      m_wanted(std::move(wanted)),
      m_replace(replace),
      m_file(m_wanted.parent_path()),
      m_copy(m_finished.file.get(), m_file.fd(), m_finished.size) {}

std::filesystem::path Delivery::publish() {
  if (m_finished.mtime > Microseconds::zero())
    (void)::futimens(m_file.fd(), times_of(m_finished.mtime).data());
  check_errno(::fsync(m_file.fd()), m_wanted.string());
  return m_file.publish(m_wanted.filename(), m_replace);
}

}  // namespace concd::client
