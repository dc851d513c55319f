#include "library/state_folder.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <string_view>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "util/beneath.hpp"
#include "util/crash_point.hpp"
#include "util/disk_space.hpp"
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

/// The whole of a text as a number.
std::optional<job::Id> number(std::string_view text) {
  job::Id value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_regular(int fd, const std::string& path) {
  struct stat status{};
  check_errno(::fstat(fd, &status), path);
  return S_ISREG(status.st_mode);
}

std::string path_in(const fs::path& folder, const std::string& name) {
  return (folder / name).string();
}

std::string part_name(job::Id transfer, std::uint32_t part) {
  return std::to_string(transfer) + '.' + std::to_string(part) + ".part";
}

/// Whether the system call failed because there is nothing, or something else than a file.
bool is_no_file(const std::system_error& error) {
  const int code = error.code().value();
  return code == ENOENT || code == EISDIR || code == ELOOP || code == ENXIO;
}

bool is_like(const struct stat& found, const job::Artifact& artifact, bool as_folder) {
  if (as_folder) return S_ISDIR(found.st_mode);
  return S_ISREG(found.st_mode) && static_cast<std::uint64_t>(found.st_size) == artifact.size;
}

}  // namespace

StateFolder::StateFolder(fs::path root)
    : m_root(std::move(root)),
      m_partials(m_root / "partial"),
      m_results(m_root / "results"),
      m_library(m_root / "library"),
      m_trash(std::make_unique<Trash>(m_root / "trash")) {}

void StateFolder::prepare() const {
  make_folder(partials(), 0700);
  make_folder(m_results.path(), 0700);
  make_folder(m_library.path(), 0755);
  make_folder(m_trash->path(), 0700);
  // What is promised later lasts as long as the folders that it is in, whoever made them and when.
  sync_folder(m_root);
  try {
    sync_folder(m_root.parent_path());
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::permission_denied) throw;
  }
}

UniqueFd StateFolder::claim() const {
  const auto folder = partials();
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

fs::path unpack_folder(const fs::path& part) {
  auto folder = part;
  folder += ".unpack";
  return folder;
}

fs::path StateFolder::partial(job::Id transfer, std::uint32_t part) const {
  return partials() / part_name(transfer, part);
}

UniqueFd StateFolder::create_partial(job::Id transfer, std::uint32_t part) const {
  const auto name = part_name(transfer, part);
  if (m_partials.look(name)) {
    // Also a published folder that a file had just taken the place of when the daemon died.
    clear(m_partials, name);
    crash_point("part.cleared");
  }
  // A new inode each time: bytes of one version never end up in a file that holds another's.
  auto fd =
      open_step_by_step(m_partials.fd(), name, O_RDWR | O_CREAT | O_EXCL, 0600, path_in(partials(), name));
  crash_point("part.created");
  return fd;
}

UniqueFd StateFolder::open_partial(job::Id transfer, std::uint32_t part) const {
  const auto name = part_name(transfer, part);
  const auto path = path_in(partials(), name);
  try {
    auto fd = open_step_by_step(m_partials.fd(), name, O_RDWR, 0, path);
    return is_regular(fd.get(), path) ? std::move(fd) : UniqueFd();
  } catch (const std::system_error& error) {
    if (is_no_file(error)) return {};
    throw;
  }
}

fs::path StateFolder::result(job::Id transfer) const {
  return m_results.path() / std::to_string(transfer);
}

void StateFolder::remove_partial(job::Id transfer, std::uint32_t part) const noexcept {
  clear(m_partials, part_name(transfer, part));
}

void StateFolder::clear(const HeldFolder& folder, const std::string& name) const noexcept {
  const int error = folder.unlink(name);
  if (error == EISDIR) return m_trash->take(folder, name);
  if (error != 0 && error != ENOENT)
    spdlog::warn("cannot remove {}: {}", path_in(folder.path(), name), errno_text(error));
}

void StateFolder::remove_result(job::Id transfer) const noexcept {
  clear(m_results, std::to_string(transfer));
}

void StateFolder::remove_stray_partials(const std::map<job::Id, std::uint32_t>& kept) const {
  std::set<fs::path> names;
  for (const auto& [transfer, part] : kept) names.insert(partial(transfer, part).filename());
  for (const auto& entry : fs::directory_iterator(partials())) {
    const bool named = names.contains(entry.path().filename());
    // A power loss in the middle of a rename may leave both names: what is published is not written to.
    if (named && fs::is_regular_file(entry.symlink_status()) && entry.hard_link_count() == 1) continue;
    clear(m_partials, entry.path().filename());
    crash_point("restore.stray_removed");
  }
}

std::vector<job::Id> StateFolder::transfers_with_result() const {
  std::vector<job::Id> ids;
  for (const auto& entry : fs::directory_iterator(m_results.path())) {
    if (const auto id = number(entry.path().filename().native())) {
      ids.push_back(*id);
    } else {
      clear(m_results, entry.path().filename());
      crash_point("restore.stray_result_removed");
    }
  }
  std::ranges::sort(ids);
  return ids;
}

Presence StateFolder::look(const job::Artifact& artifact, bool as_folder) const noexcept {
  const auto found = m_library.look(artifact.name);
  if (!found || !is_like(*found, artifact, as_folder)) return Presence::missing;
  return job::stamp_of(*found) == artifact.stamp ? Presence::same : Presence::changed;
}

UniqueFd StateFolder::open_library(const std::string& name) const {
  return m_library.open(name);
}

UniqueFd StateFolder::open_result(job::Id transfer) const {
  return m_results.open(std::to_string(transfer));
}

std::uint64_t StateFolder::kept_free(std::uint64_t min_free) const noexcept {
  struct statvfs status{};
  if (::statvfs(m_root.c_str(), &status) < 0) return 0;
  return concd::kept_free(min_free, static_cast<std::uint64_t>(status.f_blocks) * status.f_frsize);
}

std::uint64_t StateFolder::free_bytes() const noexcept {
  struct statvfs status{};
  if (::statvfs(m_root.c_str(), &status) < 0) return 0;
  return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

}  // namespace concd::library
