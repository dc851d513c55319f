// A stranger's archive, unpacked into a folder as a worker does it, as root where that is who runs this.
// However it ends, what is beside the folder is as it was; and what was unpacked without complaint may be
// published.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "expect.hpp"
#include "publish/tree.hpp"
#include "util/file.hpp"
#include "worker/process/unpack.hpp"

namespace {

using namespace concd;
using fuzz::expect;
namespace fs = std::filesystem;

constexpr worker::UnpackLimits k_limits{1 << 20, 100};
constexpr std::string_view k_text = "beside";

/// Where memory is all that is written, tmpfs(5), if there is such a place.
fs::path quick_folder() {
  return ::access("/dev/shm", W_OK) == 0 ? fs::path("/dev/shm") : fs::temp_directory_path();
}

/// The folder, and beside it a file that no archive may touch.
class Place {
 public:
  Place() {
    auto name = (quick_folder() / "concd-fuzz-XXXXXX").string();
    expect(::mkdtemp(name.data()) != nullptr);
    m_root = name;
    std::ofstream(m_root / "beside") << k_text;
    ::umask(0022);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    std::error_code error;
    fs::remove_all(m_root, error);
  }

  [[nodiscard]] fs::path folder() const { return m_root / "folder"; }

  void empty() const {
    fs::remove_all(folder());
    fs::create_directory(folder());
  }

  void check_untouched() const {
    struct stat status{};
    expect(::lstat((m_root / "beside").c_str(), &status) == 0 && status.st_nlink == 1);
    expect(S_ISREG(status.st_mode) && (status.st_mode & 07777) == 0644);
    expect(read_text((m_root / "beside").string()) == k_text);
    expect(std::distance(fs::directory_iterator(m_root), {}) == 2);
  }

 private:
  fs::path m_root;
};

/// Not even what a refused archive has left may be of use to anybody.
void check_left(const fs::path& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    struct stat status{};
    expect(::lstat(entry.path().c_str(), &status) == 0);
    expect(S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) || S_ISLNK(status.st_mode));
    if (!S_ISLNK(status.st_mode)) expect((status.st_mode & (S_ISUID | S_ISGID | S_ISVTX)) == 0);
    if (!S_ISLNK(status.st_mode)) expect((status.st_mode & (S_IWGRP | S_IWOTH)) == 0);
  }
}

/// What an honest unpacker never makes, whatever the archive, and no archive may have.
void spoil(int folder, unsigned how) {
  const char* const name = "spoilt";
  switch (how % 5) {
    case 0:
      return expect(::mkfifoat(folder, name, 0644) == 0);
    case 1:
      return expect(::symlinkat("../beside", folder, name) == 0);
    case 2:
      return expect(::linkat(AT_FDCWD,
                             (fs::path("/proc/self/fd") / std::to_string(folder) / "../beside").c_str(),
                             folder, name, 0) == 0);
    default:
      const UniqueFd file(::openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
      expect(file && ::fchmod(file.get(), how % 5 == 3 ? 04755 : 0666) == 0);
  }
}

/// What was unpacked may be published, and no longer once anything of it is as it may not be.
void check_tree(int folder, const fs::path& path, unsigned how) {
  const std::atomic<bool> stop = false;
  expect(!publish::check_tree(folder, path, stop) && publish::sync_tree(folder, path, stop));
  if (::faccessat(folder, "spoilt", F_OK, AT_SYMLINK_NOFOLLOW) == 0) return;
  spoil(folder, how);
  expect(publish::check_tree(folder, path, stop).has_value());
}

/// The sum that a tar's header has of itself, tar(5): wrong, nobody would look at what was changed.
void sign_headers(std::string& archive) {
  constexpr std::size_t k_block = 512, k_sum = 148, k_magic = 257;
  for (std::size_t at = 0; at + k_block <= archive.size(); at += k_block) {
    if (archive.compare(at + k_magic, 5, "ustar") != 0) continue;
    archive.replace(at + k_sum, 8, 8, ' ');
    unsigned sum = 0;
    for (std::size_t i = 0; i < k_block; ++i) sum += static_cast<unsigned char>(archive[at + i]);
    for (std::size_t digit = 6; digit-- > 0; sum /= 8)
      archive[at + k_sum + digit] = static_cast<char>('0' + sum % 8);
    archive[at + k_sum + 6] = '\0';
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Place place;
  std::string bytes(fuzz::text_of(data, size));
  sign_headers(bytes);
  const UniqueFd archive(::memfd_create("archive", MFD_CLOEXEC));
  write_all(archive.get(), bytes.data(), bytes.size(), "archive");
  place.empty();
  const auto folder = open_file(place.folder(), O_RDONLY | O_DIRECTORY);
  // It changes the working directory, below which the fuzzer's own files are.
  const auto before = open_file(".", O_PATH | O_DIRECTORY);
  const auto failure = worker::unpack(archive.get(), folder.get(), k_limits, [] {});
  expect(::fchdir(before.get()) == 0);
  if (failure) expect(failure->kind == job::FailureKind::verification && !failure->message.empty());
  place.check_untouched();
  check_left(place.folder());
  if (!failure) check_tree(folder.get(), place.folder(), size == 0 ? 0U : data[size - 1]);
  return 0;
}
