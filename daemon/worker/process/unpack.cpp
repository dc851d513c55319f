#include "worker/process/unpack.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <clocale>
#include <exception>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <sys/stat.h>
#include <unistd.h>

#include "job/local_failure.hpp"
#include "util/crash_point.hpp"
#include "util/errno_error.hpp"
#include "util/inside_path.hpp"
#include "util/shown.hpp"

namespace concd::worker {
namespace {

using job::Failure;

constexpr std::size_t k_read_size = 1 << 20;
constexpr int k_extract_flags = ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_PERM |
                                ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NODOTDOT |
                                ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS;

/// Errors of the file system that an archive's own content brings about.
constexpr std::array k_content_errors{0,      -1,     ENAMETOOLONG, ENOTDIR, EISDIR,    EEXIST, EILSEQ,
                                      EINVAL, ENOENT, ELOOP,        EMLINK,  ENOTEMPTY, EFBIG};

Failure refusal(const std::string& why) {
  return {job::FailureKind::verification, job::RetryClass::none, "the archive was refused: " + why};
}

Failure disk_failure(int error, const std::string& what) {
  return job::failure_of_errno(error, "cannot unpack " + what);
}

Failure damage(archive* reader) {
  if (const int error = archive_errno(reader); error == EIO || error == ENOMEM)
    return disk_failure(error, "the archive");
  return refusal(shown(archive_error_string(reader)));
}

Failure write_failure(archive* writer, archive_entry* entry) {
  const int error = archive_errno(writer);
  const auto name = shown(archive_entry_pathname(entry));
  if (std::ranges::find(k_content_errors, error) == k_content_errors.end()) return disk_failure(error, name);
  return refusal(fmt::format("{}: {}", name, shown(archive_error_string(writer))));
}

struct Free {
  void operator()(archive* handle) const noexcept { archive_free(handle); }
};
using Archive = std::unique_ptr<archive, Free>;

Archive checked(archive* handle) {
  if (handle == nullptr) throw std::bad_alloc();
  return Archive(handle);
}

/// Names are UTF-8, whatever the process's locale is: the thread's own one, uselocale(3).
class Utf8Names {
 public:
  Utf8Names() : m_locale(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
    if (m_locale == nullptr) throw errno_error("the locale C.UTF-8");
    m_before = ::uselocale(m_locale);
  }
  Utf8Names(const Utf8Names&) = delete;
  Utf8Names& operator=(const Utf8Names&) = delete;
  ~Utf8Names() {
    ::uselocale(m_before);
    ::freelocale(m_locale);
  }

 private:
  locale_t m_locale;
  locale_t m_before{};
};

/// Copies entries from an open archive into the working directory.
class Extraction {
 public:
  Extraction(int archive, const UnpackLimits& limits, const std::function<void()>& moving)
      : m_limits(limits),
        m_moving(moving),
        m_reader(checked(archive_read_new())),
        m_writer(checked(archive_write_disk_new())) {
    auto* reader = m_reader.get();
    archive_read_support_format_tar(reader);
    archive_read_support_format_zip(reader);
    archive_read_support_filter_gzip(reader);
    archive_read_support_filter_xz(reader);
    archive_read_support_filter_zstd(reader);
    archive_read_support_filter_bzip2(reader);
    archive_write_disk_set_options(m_writer.get(), k_extract_flags);
    m_open = archive_read_open_fd(reader, archive, k_read_size) == ARCHIVE_OK;
  }

  std::optional<Failure> run() {
    if (!m_open) return damage(m_reader.get());
    for (;;) {
      m_moving();
      archive_entry* entry = nullptr;
      const int result = archive_read_next_header(m_reader.get(), &entry);
      if (result == ARCHIVE_EOF) break;
      if (result == ARCHIVE_RETRY) continue;
      if (result < ARCHIVE_WARN) return damage(m_reader.get());
      if (auto failure = admit(entry)) return failure;
      if (auto failure = extract(entry)) return failure;
    }
    if (archive_write_close(m_writer.get()) == ARCHIVE_OK) return std::nullopt;
    return disk_failure(archive_errno(m_writer.get()), "the folders' times");
  }

 private:
  /// Looks an entry over before anything is done with it.
  std::optional<Failure> admit(archive_entry* entry) {
    if (++m_entries > m_limits.entries)
      return refusal(fmt::format("it has more than {} entries", m_limits.entries));
    const auto* path = archive_entry_pathname(entry);
    if (path == nullptr) return refusal("the name of an entry cannot be read");
    if (!stays_inside(path)) return refusal("an entry leads out of the folder: " + shown(path));
    if (archive_entry_size_is_set(entry))
      if (auto failure = fits(archive_entry_size(entry))) return failure;
    if (const auto* target = archive_entry_hardlink(entry)) return admit_hard_link(entry, path, target);
    switch (archive_entry_filetype(entry)) {
      case AE_IFREG:
        set_file_mode(entry);
        return std::nullopt;
      case AE_IFDIR:
        archive_entry_set_perm(entry, 0755);
        return std::nullopt;
      case AE_IFLNK:
        return admit_symbolic_link(entry, path, archive_entry_symlink(entry));
      default:
        return refusal("an entry is neither file, folder nor link: " + shown(path));
    }
  }

  static std::optional<Failure> admit_symbolic_link(archive_entry* entry, const char* path,
                                                    const char* target) {
    if (target == nullptr || !link_stays_inside(path, target))
      return refusal("a link leads out of the folder: " + shown(path));
    // They can be set by path only, which the sandbox forbids.
    archive_entry_unset_mtime(entry);
    archive_entry_unset_atime(entry);
    return std::nullopt;
  }

  /// Another name for a file that this archive has made. An entry of a pax archive may carry that file's data
  /// once more, and then its mode is applied as well.
  static std::optional<Failure> admit_hard_link(archive_entry* entry, const char* path, const char* target) {
    struct stat status{};
    const bool exists = stays_inside(target) && ::lstat(target, &status) == 0;
    // A symbolic link that gets a second name in another folder leads elsewhere from there.
    if (!stays_inside(target) || (exists && S_ISLNK(status.st_mode)))
      return refusal("a link leads out of the folder: " + shown(path));
    if (!exists || !S_ISREG(status.st_mode))
      return refusal("the target of a link is not a file of the archive: " + shown(path));
    set_file_mode(entry);
    return std::nullopt;
  }

  static void set_file_mode(archive_entry* entry) {
    archive_entry_set_perm(entry, (archive_entry_perm(entry) & S_IXUSR) != 0 ? 0755 : 0644);
  }

  /// Refuses a file that would reach to `size` bytes when that is beyond the limit.
  std::optional<Failure> fits(std::int64_t size) const {
    if (size >= 0 && static_cast<std::uint64_t>(size) <= m_limits.bytes - m_bytes) return std::nullopt;
    return refusal(fmt::format("it holds more than {} bytes", m_limits.bytes));
  }

  std::optional<Failure> extract(archive_entry* entry) {
    if (archive_write_header(m_writer.get(), entry) < ARCHIVE_OK) return write_failure(m_writer.get(), entry);
    if (!archive_entry_size_is_set(entry) || archive_entry_size(entry) > 0)
      if (auto failure = copy_data(entry)) return failure;
    if (archive_write_finish_entry(m_writer.get()) < ARCHIVE_OK) return write_failure(m_writer.get(), entry);
    return std::nullopt;
  }

  std::optional<Failure> copy_data(archive_entry* entry) {
    std::int64_t length = archive_entry_size(entry);
    for (;;) {
      m_moving();
      const void* block = nullptr;
      std::size_t size = 0;
      std::int64_t offset = 0;
      const int result = archive_read_data_block(m_reader.get(), &block, &size, &offset);
      if (result == ARCHIVE_EOF) break;
      if (result == ARCHIVE_RETRY) continue;
      if (result != ARCHIVE_OK) return damage(m_reader.get());
      if (offset > std::numeric_limits<std::int64_t>::max() - static_cast<std::int64_t>(size))
        return fits(-1);
      length = std::max(length, offset + static_cast<std::int64_t>(size));
      if (auto failure = fits(length)) return failure;
      if (archive_write_data_block(m_writer.get(), block, size, offset) < ARCHIVE_OK)
        return write_failure(m_writer.get(), entry);
      crash_point("extract.written");
    }
    m_bytes += static_cast<std::uint64_t>(length);
    return std::nullopt;
  }

  UnpackLimits m_limits;
  const std::function<void()>& m_moving;
  Archive m_reader;
  Archive m_writer;
  bool m_open = false;
  std::uint64_t m_bytes = 0;
  std::uint64_t m_entries = 0;
};

/// libarchive's writer knows no other root than the working directory.
void enter(int folder) {
  check_errno(::fchdir(folder), "enter the new folder");
  // Whatever is found there later was made by the archive.
  if (!std::filesystem::is_empty(".")) throw errno_error("the new folder", ENOTEMPTY);
}

}  // namespace

std::optional<Failure> unpack(int archive, int folder, const UnpackLimits& limits,
                              const std::function<void()>& moving) {
  try {
    enter(folder);
    check_errno(::lseek(archive, 0, SEEK_SET), "go to the beginning of the archive");
    const Utf8Names names;
    if (auto failure = Extraction(archive, limits, moving).run()) return failure;
    crash_point("extract.closed");
    check_errno(::fchmod(folder, 0755), "change the mode of the new folder");
    crash_point("extract.mode_set");
    return std::nullopt;
  } catch (const std::exception& error) {
    auto failure = job::failure_of(error);
    failure.message = "cannot unpack: " + failure.message;
    return failure;
  }
}

}  // namespace concd::worker
