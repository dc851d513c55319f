#include "publish/place.hpp"

#include <cstdio>
#include <exception>

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include "library/remove_tree.hpp"
#include "util/crash_point.hpp"
#include "util/errno_error.hpp"

namespace concd::publish {
namespace {

bool is_folder(const std::filesystem::path& path) {
  struct stat status{};
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool is_there(const std::filesystem::path& path) {
  struct stat status{};
  return ::lstat(path.c_str(), &status) == 0;
}

}  // namespace

bool replace_by(const std::filesystem::path& from, const std::filesystem::path& to) {
  const bool exchange = is_there(to) && (is_folder(from) || is_folder(to));
  const unsigned flags = exchange ? RENAME_EXCHANGE : 0;
  check_errno(::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags),
              "cannot publish " + to.string());
  if (exchange) crash_point("publish.exchanged");
  return exchange;
}

void remove_replaced(const std::filesystem::path& path) noexcept {
  try {
    library::remove_tree(path);
  } catch (const std::exception& error) {
    spdlog::warn("{}", error.what());
  }
}

}  // namespace concd::publish
