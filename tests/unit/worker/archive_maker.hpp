#pragma once

#include <clocale>
#include <filesystem>
#include <string>

struct archive;

namespace concd::worker {

/// Writes archives for tests, hostile ones too. Throws std::runtime_error.
class ArchiveMaker {
 public:
  enum class Format { tar, tar_gzip, tar_xz, tar_zstd, tar_bzip2, zip };

  ArchiveMaker(const std::filesystem::path& path, Format format);
  ArchiveMaker(const ArchiveMaker&) = delete;
  ArchiveMaker& operator=(const ArchiveMaker&) = delete;
  ~ArchiveMaker();

  ArchiveMaker& file(const std::string& path, const std::string& content, unsigned mode = 0644);
  ArchiveMaker& folder(const std::string& path, unsigned mode = 0755);
  ArchiveMaker& symbolic_link(const std::string& path, const std::string& target);
  ArchiveMaker& hard_link(const std::string& path, const std::string& target);
  /// A fifo, device or socket: `type` is AE_IFIFO and so on.
  ArchiveMaker& special(const std::string& path, unsigned type);

 private:
  // Names are stored as UTF-8 only where the locale has it, uselocale(3).
  locale_t m_locale;
  locale_t m_before;
  struct archive* m_archive;
};

}  // namespace concd::worker
