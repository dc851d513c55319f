#include "lib/toml/trusted_file.hpp"

#include <map>
#include <string_view>

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/toml/document.hpp"
#include "util/errno_error.hpp"
#include "util/file.hpp"

namespace concd::toml {
namespace {

using Path = std::filesystem::path;

constexpr std::size_t k_size_limit = 1 << 20;  // bytes

/// null(4).
bool is_null_device(const struct stat& status) {
  return S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);
}

ConfigError unreadable(const Path& path, const std::system_error& error) {
  if (error.code() == std::errc::file_too_large)
    return ConfigError(fmt::format("{}: has more than {} MiB; split it into several files", path.string(),
                                   k_size_limit >> 20));
  return ConfigError(fmt::format("{}: cannot be read: {}", path.string(), error.code().message()));
}

struct stat status_of(int fd, const Path& path) {
  struct stat status{};
  check_errno(::fstat(fd, &status), path.string());
  return status;
}

/// What others could have written must not steer a daemon. `retry_class` follows when they could.
void check_trusted(const struct stat& status, const Path& path, std::string_view retry_class) {
  if (status.st_uid != 0 && status.st_uid != ::getuid())
    throw ConfigError(
        fmt::format("{}: belongs to user {}, who is neither root nor the one who reads it; give it to root",
                    path.string(), status.st_uid));
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    throw ConfigError(
        fmt::format("{}: can be written by others than its owner; {}", path.string(), retry_class));
}

void check_folder(const Path& folder) {
  const auto fd = open_file(folder, O_RDONLY | O_DIRECTORY);
  check_trusted(status_of(fd.get(), folder), folder, "use another folder, or chmod go-w this one");
}

}  // namespace

std::string read_trusted_file(const Path& file) {
  try {
    check_folder(file.has_parent_path() ? file.parent_path() : Path("."));
    // Without O_NONBLOCK a FIFO in its place would hang the start.
    const auto fd = open_file(file, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    const auto status = status_of(fd.get(), file);
    if (is_null_device(status)) return {};
    if (!S_ISREG(status.st_mode)) throw ConfigError(fmt::format("{}: is not a regular file", file.string()));
    check_trusted(status, file, "chmod go-w it");
    return read_text(fd.get(), file.string(), k_size_limit);
  } catch (const std::system_error& error) {
    throw unreadable(file, error);
  }
}

std::vector<Path> drop_in_files(const std::vector<Path>& folders) {
  std::map<Path, Path> by_name;
  for (const auto& folder : folders) {
    try {
      check_folder(folder);
      for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const auto name = entry.path().filename();
        if (name.extension() == ".toml" && name.string().front() != '.') by_name[name] = entry.path();
      }
    } catch (const std::system_error& error) {
      if (error.code() == std::errc::no_such_file_or_directory) continue;
      throw unreadable(folder, error);
    }
  }
  std::vector<Path> files;
  for (const auto& [name, path] : by_name) files.push_back(path);
  return files;
}

}  // namespace concd::toml
