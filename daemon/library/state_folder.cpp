#include "library/state_folder.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <thread>

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "util/crash_point.hpp"
#include "util/errno_error.hpp"
#include "util/file.hpp"

namespace concd::library {
namespace {

namespace fs = std::filesystem;

/// Workers are killed with their daemon: only one that hangs in a call on the disk takes longer than a
/// moment.
constexpr auto k_claim_timeout = std::chrono::seconds(15);
constexpr auto k_claim_interval = std::chrono::milliseconds(10);

void make_folder(const fs::path& folder, mode_t mode) {
  if (::mkdir(folder.c_str(), mode) < 0 && errno != EEXIST)
    throw errno_error("make the folder " + folder.string());
  crash_point("folder.made");
  // The umask of the daemon is stricter than the library may be.
  struct stat status{};
  check_errno(::stat(folder.c_str(), &status), folder.string());
  if ((status.st_mode & 07777) != mode)
    check_errno(::chmod(folder.c_str(), mode), "chmod " + folder.string());
}

void remove_logged(const fs::path& path) noexcept {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) spdlog::warn("cannot remove {}: {}", path.string(), error.message());
}

/// The number that a file name begins with: "17", "17.part", "17.part.unpack".
std::optional<job::Id> leading_id(const std::string& name) {
  job::Id id = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  if (error != std::errc{} || (end != name.data() + name.size() && *end != '.')) return std::nullopt;
  return id;
}

std::vector<job::Id> transfers_in(const fs::path& folder) {
  std::vector<job::Id> ids;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (const auto id = leading_id(entry.path().filename().string())) {
      ids.push_back(*id);
    } else {
      remove_logged(entry.path());
      crash_point("restore.stray_removed");
    }
  }
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace

void StateFolder::prepare() const {
  make_folder(m_root / "partial", 0700);
  make_folder(m_root / "results", 0700);
  make_folder(m_root / "library", 0755);
  // What is promised later lasts as long as the folders that it is in, whoever made them and when.
  sync_folder(m_root);
  try {
    sync_folder(m_root.parent_path());
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::permission_denied) throw;
  }
}

UniqueFd StateFolder::claim() const {
  const auto folder = m_root / "partial";
  auto fd = open_file(folder, O_RDONLY | O_DIRECTORY);
  const auto until = std::chrono::steady_clock::now() + k_claim_timeout;
  for (bool told = false; ::flock(fd.get(), LOCK_EX | LOCK_NB) < 0; told = true) {
    if (errno != EWOULDBLOCK) throw errno_error("lock " + folder.string());
    if (std::chrono::steady_clock::now() >= until)
      throw errno_error("a worker of a daemon that died still uses " + folder.string(), EBUSY);
    if (!told) spdlog::warn("waiting for the workers of a daemon that died");
    std::this_thread::sleep_for(k_claim_interval);
  }
  return fd;
}

fs::path StateFolder::partial(job::Id transfer) const {
  return m_root / "partial" / (std::to_string(transfer) + ".part");
}

fs::path StateFolder::result(job::Id transfer) const {
  return m_root / "results" / std::to_string(transfer);
}

void StateFolder::remove_partial(job::Id transfer) const noexcept {
  std::error_code error;
  for (auto entry = fs::directory_iterator(m_root / "partial", error); entry != fs::directory_iterator();
       entry.increment(error))
    if (leading_id(entry->path().filename().string()) == transfer) remove_logged(entry->path());
  if (error) spdlog::warn("cannot look into {}: {}", (m_root / "partial").string(), error.message());
}

void StateFolder::remove_result(job::Id transfer) const noexcept {
  remove_logged(result(transfer));
}

std::vector<job::Id> StateFolder::transfers_with_partial() const {
  return transfers_in(m_root / "partial");
}

std::vector<job::Id> StateFolder::transfers_with_result() const {
  return transfers_in(m_root / "results");
}

bool StateFolder::has(const job::Artifact& artifact, bool as_folder) const noexcept {
  struct stat status{};
  if (::stat(library(artifact.name).c_str(), &status) < 0) return false;
  if (as_folder) return S_ISDIR(status.st_mode);
  return S_ISREG(status.st_mode) && static_cast<std::uint64_t>(status.st_size) == artifact.size;
}

std::uint64_t StateFolder::free_bytes() const noexcept {
  struct statvfs status{};
  if (::statvfs(m_root.c_str(), &status) < 0) return 0;
  return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

}  // namespace concd::library
