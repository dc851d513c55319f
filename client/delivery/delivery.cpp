#include "client/delivery/delivery.hpp"

#include <utility>

#include <sys/stat.h>

#include "util/errno_error.hpp"

namespace concd::client {
namespace {

constexpr std::int64_t k_second = 1'000'000;

void set_mtime(int fd, Microseconds mtime) {
  timespec times[2]{};
  times[0].tv_nsec = UTIME_NOW;
  times[1].tv_sec = mtime.count() / k_second;
  times[1].tv_nsec = mtime.count() % k_second * 1000;
  // A file without its server's time is still the right file: some file systems cannot store every time.
  [[maybe_unused]] const auto result = ::futimens(fd, times);
}

}  // namespace

Delivery::Delivery(Finished finished, std::filesystem::path wanted, bool replace)
    : m_finished(std::move(finished)),
      m_wanted(std::move(wanted)),
      m_replace(replace),
      m_file(m_wanted.parent_path()),
      m_copy(m_finished.file.get(), m_file.fd(), m_finished.size) {}

std::filesystem::path Delivery::publish() {
  if (m_finished.mtime > Microseconds::zero()) set_mtime(m_file.fd(), m_finished.mtime);
  check_errno(::fsync(m_file.fd()), m_wanted.string());
  return m_file.publish(m_wanted.filename(), m_replace);
}

}  // namespace concd::client
