#include "archive_maker.hpp"

#include <memory>
#include <stdexcept>

#include <archive.h>
#include <archive_entry.h>

namespace concd::worker {
namespace {

struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using Entry = std::unique_ptr<archive_entry, FreeEntry>;

void check(int result, archive* handle) {
  if (result < ARCHIVE_WARN) throw std::runtime_error(archive_error_string(handle));
}

Entry entry(const std::string& path, unsigned type, unsigned mode) {
  Entry made(archive_entry_new());
  archive_entry_set_pathname_utf8(made.get(), path.c_str());
  archive_entry_set_filetype(made.get(), type);
  archive_entry_set_perm(made.get(), mode);
  archive_entry_set_mtime(made.get(), 1'000'000'000, 0);
  archive_entry_set_uid(made.get(), 4242);
  archive_entry_set_size(made.get(), 0);
  return made;
}

void choose(archive* handle, ArchiveMaker::Format format) {
  using Format = ArchiveMaker::Format;
  check(format == Format::zip ? archive_write_set_format_zip(handle)
                              : archive_write_set_format_pax_restricted(handle),
        handle);
  if (format == Format::tar_gzip) check(archive_write_add_filter_gzip(handle), handle);
  if (format == Format::tar_xz) check(archive_write_add_filter_xz(handle), handle);
  if (format == Format::tar_zstd) check(archive_write_add_filter_zstd(handle), handle);
  if (format == Format::tar_bzip2) check(archive_write_add_filter_bzip2(handle), handle);
}

}  // namespace

ArchiveMaker::ArchiveMaker(const std::filesystem::path& path, Format format)
    : m_locale(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)),
      m_before(::uselocale(m_locale)),
      m_archive(archive_write_new()) {
  choose(m_archive, format);
  archive_write_set_bytes_in_last_block(m_archive, 1);
  check(archive_write_open_filename(m_archive, path.c_str()), m_archive);
}

ArchiveMaker::~ArchiveMaker() {
  archive_write_free(m_archive);
  ::uselocale(m_before);
  ::freelocale(m_locale);
}

ArchiveMaker& ArchiveMaker::file(const std::string& path, const std::string& content, unsigned mode) {
  const auto made = entry(path, AE_IFREG, mode);
  archive_entry_set_size(made.get(), static_cast<la_int64_t>(content.size()));
  check(archive_write_header(m_archive, made.get()), m_archive);
  if (archive_write_data(m_archive, content.data(), content.size()) < 0)
    throw std::runtime_error(archive_error_string(m_archive));
  return *this;
}

ArchiveMaker& ArchiveMaker::folder(const std::string& path, unsigned mode) {
  check(archive_write_header(m_archive, entry(path, AE_IFDIR, mode).get()), m_archive);
  return *this;
}

ArchiveMaker& ArchiveMaker::symbolic_link(const std::string& path, const std::string& target) {
  const auto made = entry(path, AE_IFLNK, 0777);
  archive_entry_set_symlink(made.get(), target.c_str());
  check(archive_write_header(m_archive, made.get()), m_archive);
  return *this;
}

ArchiveMaker& ArchiveMaker::hard_link(const std::string& path, const std::string& target) {
  const auto made = entry(path, AE_IFREG, 0644);
  archive_entry_set_hardlink(made.get(), target.c_str());
  check(archive_write_header(m_archive, made.get()), m_archive);
  return *this;
}

ArchiveMaker& ArchiveMaker::special(const std::string& path, unsigned type) {
  check(archive_write_header(m_archive, entry(path, type, 0666).get()), m_archive);
  return *this;
}

}  // namespace concd::worker
