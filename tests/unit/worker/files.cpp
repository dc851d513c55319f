#include "files.hpp"

#include <sys/mman.h>
#include <sys/stat.h>

#include "util/errno_error.hpp"
#include "util/file.hpp"

namespace concd::worker {

job::SharedFd unnamed_file(std::string_view content) {
  UniqueFd file(check_errno(::memfd_create("part", MFD_CLOEXEC), "memfd_create"));
  write_all(file.get(), content.data(), content.size(), "write a file");
  return std::make_shared<const UniqueFd>(std::move(file));
}

std::string content_of(const job::SharedFd& file) {
  struct stat status{};
  check_errno(::fstat(file->get(), &status), "fstat");
  std::string content(static_cast<std::size_t>(status.st_size), '\0');
  const auto count = check_errno(::pread(file->get(), content.data(), content.size(), 0), "pread");
  content.resize(static_cast<std::size_t>(count));
  return content;
}

}  // namespace concd::worker
