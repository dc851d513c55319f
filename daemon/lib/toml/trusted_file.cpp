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

std::string_view stranger_text(Trust trust) {
  return trust == Trust::root ? "what is not named by --config counts from root only"
                              : "who is neither root nor the one who reads it";
}

/// What others could have written must not steer a daemon. `remedy` follows when they could.
void check_trusted(const struct stat& status, const Path& path, Trust trust, std::string_view remedy) {
  const bool is_caller = trust == Trust::root_or_caller && status.st_uid == ::getuid();
  if (status.st_uid != 0 && !is_caller)
    throw ConfigError(fmt::format("{}: belongs to user {}; {}; give it to root", path.string(), status.st_uid,
                                  stranger_text(trust)));
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    throw ConfigError(fmt::format("{}: can be written by others than its owner; {}", path.string(), remedy));
}

UniqueFd open_folder(const Path& folder, Trust trust) {
  auto fd = open_file(folder, O_RDONLY | O_DIRECTORY);
  check_trusted(status_of(fd.get(), folder), folder, trust, "use another folder, or chmod go-w this one");
  return fd;
}

/// In the folder that was checked, whatever has come to its path since.
UniqueFd open_in(const UniqueFd& folder, const Path& file) {
  // Without O_NONBLOCK a FIFO in its place would hang the start.
  const int fd =
      ::openat(folder.get(), file.filename().c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  return UniqueFd(check_errno(fd, file.string()));
}

}  // namespace

std::string read_trusted_file(const Path& file, Trust trust) {
  try {
    const auto folder = open_folder(file.has_parent_path() ? file.parent_path() : Path("."), trust);
    const auto fd = open_in(folder, file);
    const auto status = status_of(fd.get(), file);
    if (is_null_device(status)) return {};
    if (!S_ISREG(status.st_mode)) throw ConfigError(fmt::format("{}: is not a regular file", file.string()));
    check_trusted(status, file, trust, "chmod go-w it");
    return read_text(fd.get(), file.string(), k_size_limit);
  } catch (const std::system_error& error) {
    throw unreadable(file, error);
  }
}

std::vector<Path> drop_in_files(const std::vector<Path>& folders, Trust trust) {
  std::map<Path, Path> by_name;
  for (const auto& folder : folders) {
    try {
      (void)open_folder(folder, trust);
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
