#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <unistd.h>

namespace concd::test {

/// A new folder, mode 0700, that is removed with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    auto name = (std::filesystem::temp_directory_path() / "concd-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp " + name);
    m_path = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code error;
    std::filesystem::remove_all(m_path, error);
  }

  [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

  /// Writes a file of mode 0644 below the folder, with the folders that it needs, and returns its path.
  std::filesystem::path write(const std::filesystem::path& name, std::string_view text) const {
    using std::filesystem::perms;
    const auto file = m_path / name;
    for (auto folder = file.parent_path(); folder != m_path; folder = folder.parent_path()) {
      std::filesystem::create_directories(folder);
      std::filesystem::permissions(folder, perms::owner_all);
    }
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
    std::filesystem::permissions(file, perms::owner_read | perms::owner_write | perms::group_read);
    return file;
  }

 private:
  std::filesystem::path m_path;
};

}  // namespace concd::test
