#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "job/transfer_state.hpp"
#include "util/unique_fd.hpp"

namespace concd::engine {

/// Where the bytes are gathered that `checkpoint` tells of: `base`, "17.part", with a mark of the URL and the
/// validators they came with, "17.1b2c3d4e5f607182.part". What is recorded of one version of a file can so
/// never be taken for a record of another's bytes, whatever a crash left of both.
[[nodiscard]] std::filesystem::path part_path(const std::filesystem::path& base,
                                              const job::Checkpoint& checkpoint);

/// The partial file of one attempt. Written by the transfer's thread and synced by a publish thread at the
/// same time; shared by both. Every call throws std::system_error that names the file.
///
/// Once a sync has failed, what is on the disk is unknown and asking again proves nothing, fsync(2): from
/// then on write() and sync() throw that error for ever.
class PartFile {
 public:
  /// Bytes that are in the file at `path`; 0 when there is none.
  [[nodiscard]] static std::uint64_t size_of(const std::filesystem::path& path);
  /// A new, empty file in the place of whatever is there.
  [[nodiscard]] static PartFile create(const std::filesystem::path& path);
  /// The file that is there, cut back to `size` bytes.
  [[nodiscard]] static PartFile reopen(const std::filesystem::path& path, std::uint64_t size);

  PartFile(PartFile&& other) noexcept;

  /// Makes sure that `size` bytes will fit, fallocate(2), where the file system can; ENOSPC or EDQUOT if not.
  void reserve(std::uint64_t size);
  void write(std::uint64_t offset, std::string_view data);
  /// Gives back all but the first `size` bytes, those too that were only reserved.
  void shorten(std::uint64_t size);
  /// Puts what has been written on the disk, fsync(2).
  void sync_bytes();
  /// The same and the file's name too: it will be found after a power loss.
  void sync();
  /// Sets mode and, unless 0, time of change (µs since the epoch).
  void set_attributes(unsigned mode, std::int64_t mtime);
  /// The digest of the first `size` bytes in hex; nothing when `stop` became true meanwhile.
  [[nodiscard]] std::optional<std::string> digest(const std::string& algorithm, std::uint64_t size,
                                                  const std::atomic<bool>& stop) const;
  /// Deletes the name; never throws, since what is left over is found at the next start.
  void remove() noexcept;

  [[nodiscard]] const std::filesystem::path& path() const { return m_path; }
  /// A sync has failed: nothing of the file may be kept.
  [[nodiscard]] bool damaged() const noexcept { return m_sync_error.load() != 0; }

 private:
  PartFile(std::filesystem::path path, UniqueFd fd, bool named);

  void sync(int fd, const std::filesystem::path& path);

  std::filesystem::path m_path;
  UniqueFd m_fd;
  std::atomic<bool> m_named;  ///< the folder has been synced since the file was made
  std::atomic<int> m_sync_error{0};
};

}  // namespace concd::engine
