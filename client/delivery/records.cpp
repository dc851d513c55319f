#include "client/delivery/records.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <pwd.h>
#include <spdlog/fmt/fmt.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/delivery/new_file.hpp"
#include "util/errno_error.hpp"
#include "util/file.hpp"

namespace concd::client {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_longest_record = 4096 + 1 + 255;  // PATH_MAX and NAME_MAX

/// A daemon whose queue was lost counts anew: only together with its time is the number that job's.
std::string name_of(const job::View& job) {
  return fmt::format("{}-{}", job.id, job.created.count());
}

/// Root may run with the HOME of somebody else.
bool is_own(int fd) {
  struct stat status{};
  return ::fstat(fd, &status) == 0 && status.st_uid == ::geteuid() &&
         (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

UniqueFd open_own(int folder, const std::string& name, int flags) {
  UniqueFd fd(::openat(folder, name.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (fd && !is_own(fd.get())) fd.reset();
  return fd;
}

fs::path absolute_variable(const char* name) {
  const auto* value = std::getenv(name);
  return value != nullptr && *value == '/' ? fs::path(value) : fs::path();
}

fs::path home() {
  if (auto home = absolute_variable("HOME"); !home.empty()) return home;
  const auto* account = ::getpwuid(::geteuid());
  return account == nullptr || account->pw_dir == nullptr ? fs::path() : fs::path(account->pw_dir);
}

std::optional<Place> place_of(const std::string& text) {
  const auto end = std::min(text.find('\0'), text.size());
  Place place{text.substr(0, end)};
  if (!place.output.is_absolute()) return std::nullopt;
  const fs::path hidden = text.substr(std::min(end + 1, text.size()));
  if (!hidden.empty()) place.hidden = place.output.parent_path() / hidden.filename();
  return place;
}

}  // namespace

void Records::remember(const job::View& job, const Place& place) {
  if (!std::exchange(m_is_prepared, true)) prepare();
  auto text = place.output.native();
  // No path has a NUL in it.
  if (!place.hidden.empty()) text.append(1, '\0').append(place.hidden.filename().native());
  const auto hidden = m_folder / ("." + random_hex(8));
  const auto file = open_file(hidden, O_WRONLY | O_CREAT | O_EXCL, 0600);
  write_all(file.get(), text.data(), text.size(), hidden.string());
  check_errno(::rename(hidden.c_str(), (m_folder / name_of(job)).c_str()), hidden.string());
}

std::optional<Place> Records::find(const job::View& job) const {
  const auto folder = open_own(AT_FDCWD, m_folder.native(), O_RDONLY | O_DIRECTORY);
  if (!folder) return std::nullopt;
  const auto file = open_own(folder.get(), name_of(job), O_RDONLY);
  if (!file) return std::nullopt;
  try {
    return place_of(read_text(file.get(), m_folder.string(), k_longest_record));
  } catch (const std::system_error&) {
    return std::nullopt;  // too long for a path, or a folder
  }
}

void Records::prepare() {
  if (m_folder.empty()) throw errno_error("~/.local/state", ENOENT);
  fs::create_directories(m_folder.parent_path());
  if (::mkdir(m_folder.c_str(), 0700) != 0 && errno != EEXIST) throw errno_error(m_folder.string());
  if (!open_own(AT_FDCWD, m_folder.native(), O_RDONLY | O_DIRECTORY))
    throw errno_error(m_folder.string(), EPERM);
  prune();
}

/// Half of them, so that not every run has to.
void Records::prune() const {
  std::vector<std::pair<fs::file_time_type, fs::path>> records;
  std::error_code error;  // another run may be at it as well
  for (const auto& entry : fs::directory_iterator(m_folder, error))
    records.emplace_back(entry.last_write_time(error), entry.path());
  if (records.size() < k_limit) return;
  std::ranges::sort(records);
  for (std::size_t i = 0; i < records.size() / 2; ++i) fs::remove(records[i].second, error);
}

fs::path records_folder() {
  if (const auto state = absolute_variable("XDG_STATE_HOME"); !state.empty()) return state / "concd";
  const auto user = home();
  return user.empty() ? user : user / ".local/state/concd";
}

}  // namespace concd::client
