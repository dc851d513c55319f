#pragma once

#include <filesystem>
#include <utility>

#include <sys/types.h>

namespace concd::store {

/// Notices when a name leads to another file than the one that is in use, or to none. A value.
class HeldFile {
 public:
  /// The file that the name leads to now. Throws std::system_error.
  explicit HeldFile(std::filesystem::path path);

  [[nodiscard]] bool is_in_place() const noexcept;
  [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

 private:
  std::filesystem::path m_path;
  std::pair<dev_t, ino_t> m_identity;
};

}  // namespace concd::store
