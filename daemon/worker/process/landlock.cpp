#include "worker/process/landlock.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/errno_error.hpp"

namespace concd::worker {
namespace {

// What the headers of Debian 12's kernel do not have, from those of Linux 6.12.
constexpr std::uint64_t k_truncate = 1ULL << 14;
constexpr std::uint64_t k_ioctl_dev = 1ULL << 15;
constexpr std::uint64_t k_bind_tcp = 1ULL << 0;
constexpr std::uint64_t k_scopes = 3;  // abstract sockets and signals

/// landlock_ruleset_attr of version 6; an older kernel takes the beginning.
struct Rules {
  std::uint64_t files = 0;
  std::uint64_t ports = 0;
  std::uint64_t scopes = 0;
};

constexpr std::uint64_t k_read_file = LANDLOCK_ACCESS_FS_READ_FILE;
constexpr std::uint64_t k_read = k_read_file | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t k_make = k_read | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
                                 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SYM |
                                 LANDLOCK_ACCESS_FS_REFER | k_truncate;
/// All that version 2 knows: the bits up to that of REFER.
constexpr std::uint64_t k_all_of_2 = (LANDLOCK_ACCESS_FS_REFER << 1) - 1;

std::uint64_t handled_files(int version) {
  return k_all_of_2 | (version >= 3 ? k_truncate : 0) | (version >= 5 ? k_ioctl_dev : 0);
}

std::size_t size_of_rules(int version) {
  if (version >= 6) return sizeof(Rules);
  return version >= 4 ? offsetof(Rules, scopes) : offsetof(Rules, ports);
}

UniqueFd make_rules(int version) {
  const Rules rules{handled_files(version), version >= 4 ? k_bind_tcp : 0, version >= 6 ? k_scopes : 0};
  const auto fd = ::syscall(SYS_landlock_create_ruleset, &rules, size_of_rules(version), 0);
  return UniqueFd(static_cast<int>(check_errno(fd, "landlock_create_ruleset")));
}

bool is_folder(int fd) {
  struct stat status{};
  check_errno(::fstat(fd, &status), "fstat");
  return S_ISDIR(status.st_mode);
}

}  // namespace

Landlock::Landlock(int version) : m_handled(handled_files(version)), m_rules(make_rules(version)) {}

void Landlock::allow_reading(const std::filesystem::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (fd) allow(is_folder(fd.get()) ? k_read : k_read_file, fd.get());
}

void Landlock::allow_making(int folder) {
  allow(k_make, folder);
}

void Landlock::allow(std::uint64_t what, int beneath) {
  const landlock_path_beneath_attr rule{what & m_handled, beneath};
  check_errno(::syscall(SYS_landlock_add_rule, m_rules.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0),
              "landlock_add_rule");
}

void Landlock::enforce() {
  check_errno(::syscall(SYS_landlock_restrict_self, m_rules.get(), 0), "landlock_restrict_self");
}

}  // namespace concd::worker
