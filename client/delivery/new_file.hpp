#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "util/unique_fd.hpp"

namespace concd::client {

/// A file that is written before it has its name, so that nobody ever sees half of it. Without a name where
/// the file system can (O_TMPFILE, open(2)), else under a hidden one that goes away with this object.
class NewFile {
 public:
  enum class Kind { nameless, hidden };

  /// Makes it in `folder`, with the caller's umask; hidden as well where nameless is not possible. Throws
  /// std::system_error that names the folder.
  explicit NewFile(std::filesystem::path folder, Kind kind = Kind::nameless);
  /// A hidden one that an earlier run has left, open for reading and writing; nothing when it is not there,
  /// or not the caller's own.
  [[nodiscard]] static std::optional<NewFile> find(const std::filesystem::path& hidden);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&& other) noexcept;
  ~NewFile();

  [[nodiscard]] int fd() const { return m_fd.get(); }
  /// Where it is as long as it is hidden; empty: it has no name.
  [[nodiscard]] const std::filesystem::path& hidden() const { return m_hidden; }
  /// Another descriptor of a hidden file, for reading and writing; empty when it is not there any more.
  [[nodiscard]] UniqueFd open_again() const;
  /// Gives the descriptor away: a hidden file can be named without.
  [[nodiscard]] UniqueFd take_fd() { return std::move(m_fd); }
  /// A hidden file stays when this object goes.
  void leave() { m_hidden.clear(); }
  /// Gives it the name `name` in its folder; when that is taken the next free of NAME.1, NAME.2 …, or, with
  /// `replace`, takes the place of the file of that name. Returns the path it got. Throws std::system_error.
  std::filesystem::path publish(const std::string& name, bool replace);
  /// The same without a sync of the folder.
  std::filesystem::path give_name(const std::string& name, bool replace);

 private:
  NewFile() = default;
  bool name_if_free(const std::filesystem::path& path);
  void take_place_of(const std::filesystem::path& path);
  void link_to(const std::filesystem::path& path);

  std::filesystem::path m_folder;
  std::filesystem::path m_hidden;  ///< empty: it has no name yet, or its last one
  UniqueFd m_fd;
};

/// Syncs a folder in which files have got their names. Throws std::system_error.
void sync_names(const std::filesystem::path& folder);

/// The names that publish() tries: 0 is the path itself, then PATH.1, PATH.2 …
[[nodiscard]] std::filesystem::path numbered(const std::filesystem::path& path, unsigned number);

/// `bytes` random bytes as hex digits, getrandom(2).
[[nodiscard]] std::string random_hex(std::size_t bytes);

}  // namespace concd::client
