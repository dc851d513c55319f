#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "job/artifact.hpp"
#include "job/id.hpp"
#include "library/held_folder.hpp"
#include "library/trash.hpp"
#include "util/unique_fd.hpp"

namespace concd::library {

/// Where an archive is unpacked before it is published: beside it, as "17.2.part.unpack".
[[nodiscard]] std::filesystem::path unpack_folder(const std::filesystem::path& part);

/// What stands under a name of the library.
enum class Presence {
  missing,  ///< nothing, or something else than what was published
  changed,  ///< it looks like it, but somebody has touched or replaced it since
  same,
};

/// The layout of the state folder: the one place that knows it. What is in its folders is found below their
/// descriptors, library::HeldFolder.
class StateFolder {
 public:
  explicit StateFolder(std::filesystem::path root);

  /// Makes what is missing: partial/, results/ and trash/ for the daemon alone, library/ for all to read.
  /// Throws std::system_error that names the folder.
  void prepare() const;
  /// Makes the folder this daemon's and its workers': each of them holds the descriptor for as long as it
  /// lives, and the next daemon waits until they have all ended, so that none of them renames what is no
  /// longer its own. Throws std::system_error (EBUSY) when one does not end in time.
  [[nodiscard]] UniqueFd claim() const;

  [[nodiscard]] const std::filesystem::path& root() const { return m_root; }
  [[nodiscard]] std::filesystem::path database() const { return m_root / "queue.db"; }
  [[nodiscard]] std::filesystem::path log_file() const { return m_root / "concd.log"; }
  /// The folder of the partial files. Whoever records that one of them is there syncs it first,
  /// publish::FolderSync: a new file's name is not durable by itself.
  [[nodiscard]] const std::filesystem::path& partials() const { return m_partials.path(); }
  /// "17.2.part": the transfer's partial file of that number, job::Checkpoint::part.
  [[nodiscard]] std::filesystem::path partial(job::Id transfer, std::uint32_t part) const;
  [[nodiscard]] std::filesystem::path result(job::Id transfer) const;
  [[nodiscard]] std::filesystem::path library(const std::string& name) const {
    return m_library.path() / name;
  }

  /// Whether the library has it, as a folder (what was unpacked) or as a file of its size. What cannot be
  /// looked at is missing.
  [[nodiscard]] Presence look(const job::Artifact& artifact, bool as_folder) const noexcept;
  /// Opens a file of the library, or of results/, for reading. Throws std::system_error.
  [[nodiscard]] UniqueFd open_library(const std::string& name) const;
  [[nodiscard]] UniqueFd open_result(job::Id transfer) const;

  /// A new, empty partial file, open read-write, in place of whatever has its name. Throws std::system_error.
  [[nodiscard]] UniqueFd create_partial(job::Id transfer, std::uint32_t part) const;
  /// The partial file that is there, open read-write; nothing when there is none. Throws std::system_error.
  [[nodiscard]] UniqueFd open_partial(job::Id transfer, std::uint32_t part) const;

  /// Where folders go that one of the following removes.
  [[nodiscard]] Trash& trash() const { return *m_trash; }
  /// One unlink(2), or one rename(2) of a folder. What is not there is no error; a failure is logged.
  void remove_partial(job::Id transfer, std::uint32_t part) const noexcept;
  void remove_result(job::Id transfer) const noexcept;
  /// At start-up: removes all that lies in partial/ but the files that checkpoints name, `kept`, and that
  /// have no second name.
  void remove_stray_partials(const std::map<job::Id, std::uint32_t>& kept) const;
  /// The transfers that have something in results/; anything else that lies there is removed.
  [[nodiscard]] std::vector<job::Id> transfers_with_result() const;

  /// Bytes that the daemon may still write, statvfs(3); 0 when that cannot be told.
  [[nodiscard]] std::uint64_t free_bytes() const noexcept;
  /// Bytes of its file system that concd::kept_free() keeps; 0 when that cannot be told.
  [[nodiscard]] std::uint64_t kept_free(std::uint64_t min_free) const noexcept;

 private:
  void clear(const HeldFolder& folder, const std::string& name) const noexcept;

  std::filesystem::path m_root;
  HeldFolder m_partials, m_results, m_library;
  std::unique_ptr<Trash> m_trash;
};

}  // namespace concd::library
