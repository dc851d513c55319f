#include "worker/descriptors.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>

namespace concd::worker {
namespace {

void require(bool holds, const std::string& name, std::string_view expectation) {
  if (!holds) throw std::invalid_argument("the descriptor " + name + " is not " + std::string(expectation));
}

bool has_type(const job::SharedFd& fd, mode_t type) {
  struct stat status{};
  return ::fstat(fd->get(), &status) == 0 && (status.st_mode & S_IFMT) == type;
}

int flags_of(const job::SharedFd& fd) {
  return ::fcntl(fd->get(), F_GETFL);
}

}  // namespace

job::SharedFd ReceivedDescriptors::take_part(std::size_t index, const std::string& name) {
  auto fd = take(index, name);
  require(has_type(fd, S_IFREG), name, "a regular file");
  const int flags = flags_of(fd);
  require((flags & O_ACCMODE) == O_RDWR && (flags & (O_APPEND | O_PATH)) == 0, name,
          "open for reading and writing");
  return fd;
}

job::SharedFd ReceivedDescriptors::take_archive(std::size_t index, const std::string& name) {
  auto fd = take(index, name);
  require(has_type(fd, S_IFREG), name, "a regular file");
  const int flags = flags_of(fd);
  require((flags & O_ACCMODE) != O_WRONLY && (flags & O_PATH) == 0, name, "open for reading");
  return fd;
}

job::SharedFd ReceivedDescriptors::take_folder(std::size_t index, const std::string& name) {
  auto fd = take(index, name);
  require(has_type(fd, S_IFDIR), name, "a folder");
  return fd;
}

void ReceivedDescriptors::expect_none_left() const {
  if (std::ranges::any_of(m_descriptors, [](const UniqueFd& fd) { return static_cast<bool>(fd); }))
    throw std::invalid_argument("there are more descriptors than the message names");
}

job::SharedFd ReceivedDescriptors::take(std::size_t index, const std::string& name) {
  if (index >= m_descriptors.size() || !m_descriptors[index])
    throw std::invalid_argument("the descriptor " + name + " is missing");
  return std::make_shared<const UniqueFd>(std::move(m_descriptors[index]));
}

}  // namespace concd::worker
