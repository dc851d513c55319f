#include "util/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "util/errno_error.hpp"

namespace concd {

UniqueFd open_file(const std::filesystem::path& path, int flags, unsigned mode) {
  int fd = -1;
  do fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  while (fd < 0 && errno == EINTR);
  return UniqueFd(check_errno(fd, path.string()));
}

void write_all(int fd, const void* data, std::size_t size, const std::string& context) {
  const auto* position = static_cast<const char*>(data);
  while (size > 0) {
    const auto written = ::write(fd, position, size);
    if (written < 0 && errno == EINTR) continue;
    check_errno(written, context);
    position += written;
    size -= static_cast<std::size_t>(written);
  }
}

void sync_folder(const std::filesystem::path& folder) {
  const auto fd = open_file(folder, O_RDONLY | O_DIRECTORY);
  check_errno(::fsync(fd.get()), "sync " + folder.string());
}

std::string read_text(const std::filesystem::path& path, std::size_t limit) {
  const auto fd = open_file(path, O_RDONLY);
  return read_text(fd.get(), path.string(), limit);
}

std::string read_text(int fd, const std::string& context, std::size_t limit) {
  std::string text;
  char buffer[16384];
  for (;;) {
    const auto count = ::read(fd, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (check_errno(count, context) == 0) return text;
    text.append(buffer, static_cast<std::size_t>(count));
    if (text.size() > limit) throw errno_error(context, EFBIG);
  }
}

}  // namespace concd
