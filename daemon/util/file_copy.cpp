#include "util/file_copy.hpp"

#include <algorithm>
#include <cerrno>
#include <vector>

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "util/errno_error.hpp"
#include "util/file.hpp"

namespace concd {
namespace {

constexpr std::uint64_t k_piece = 32 << 20;
constexpr std::uint64_t k_buffer = 4 << 20;

}  // namespace

bool FileCopy::step() {
  if (m_copied == m_size) return true;
  if (m_way == Way::clone && clone()) return true;
  if (m_way == Way::kernel && copy_in_kernel()) return m_copied == m_size;
  copy_by_buffer();
  return m_copied == m_size;
}

/// False when the file system cannot share blocks; the next way is set then.
bool FileCopy::clone() {
  m_way = Way::kernel;
  if (::ioctl(m_to, FICLONE, m_from) != 0) return false;
  m_copied = m_size;
  return true;
}

/// False when this kernel cannot copy between these two files; only so before the first byte is there.
bool FileCopy::copy_in_kernel() {
  auto offset = static_cast<off64_t>(m_copied);
  const auto count =
      ::copy_file_range(m_from, &offset, m_to, nullptr, std::min(k_piece, m_size - m_copied), 0);
  if (count < 0 && errno == EINTR) return true;
  // Some file systems answer 0 instead of an error; reading tells a short file from that.
  const bool unable = count == 0 || errno == EXDEV || errno == EINVAL || errno == ENOSYS ||
                      errno == EOPNOTSUPP || errno == EPERM || errno == EBADF;
  if (count <= 0 && unable) {
    m_way = Way::buffer;
    return false;
  }
  advance(static_cast<std::uint64_t>(check_errno(count, "copy the file")));
  return true;
}

void FileCopy::copy_by_buffer() {
  std::vector<char> buffer(std::min(k_buffer, m_size - m_copied));
  const auto count = ::pread(m_from, buffer.data(), buffer.size(), static_cast<off_t>(m_copied));
  if (count < 0 && errno == EINTR) return;
  if (check_errno(count, "read the finished file") == 0)
    throw errno_error("the finished file is shorter than concd said", EIO);
  write_all(m_to, buffer.data(), static_cast<std::size_t>(count), "write the copy");
  advance(static_cast<std::uint64_t>(count));
}

void FileCopy::advance(std::uint64_t count) {
  m_copied += count;
}

}  // namespace concd
