#pragma once

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "job/executor.hpp"
#include "job/extents.hpp"
#include "util/disk_space.hpp"
#include "util/synchronized.hpp"

namespace concd::engine {

/// The partial file of one attempt, by a descriptor that it was handed. Written by the transfer's thread and
/// synced by a thread of the pool at the same time; shared by both. Every call throws std::system_error that
/// names the file by its number.
///
/// Once a sync has failed, what is on the disk is unknown and asking again proves nothing, fsync(2): from
/// then on write(), sync() and hand_over() throw that error for ever.
class PartFile {
 public:
  /// `part` is the number of the file, `synced` what is on the disk already.
  PartFile(job::SharedFd fd, std::uint32_t part, job::Extents synced = {});

  /// Bytes that are in the file, fstat(2).
  [[nodiscard]] std::uint64_t size() const;
  /// Of the file system that it is on.
  [[nodiscard]] DiskSpace space() const;
  /// Makes sure that `size` bytes from `offset` on will fit, fallocate(2), where the file system can; ENOSPC
  /// or EDQUOT if not, and then nothing stays reserved.
  void reserve(std::uint64_t offset, std::uint64_t size);
  /// Throws ENOSPC, as reserve() does, and gives back what was reserved.
  [[noreturn]] void refuse_space(int error = ENOSPC);
  void write(std::uint64_t offset, std::string_view data);
  /// Gives back all but the first `size` bytes, those too that were only reserved. Waits for a sync that is
  /// under way.
  void shorten(std::uint64_t size);
  /// Puts what has been written on the disk, fsync(2): `written` by the caller's word. Returns what of that
  /// it is: less when the file was shortened before. One sync at a time.
  job::Extents sync(job::Extents written);
  /// Waits for a sync that is under way and refuses all later ones: Linux reports an error to only one
  /// fsync(2) of an open file, and from now on that has to be the publisher's. Once, after the last write().
  void hand_over();
  /// What is known to be on the disk.
  [[nodiscard]] job::Extents synced() const {
    return m_synced.with([](const auto& extents) { return extents; });
  }

 private:
  [[nodiscard]] std::string cannot(const char* verb) const;
  void check_sync() const;

  const job::SharedFd m_fd;
  const std::uint32_t m_part;
  std::mutex m_syncing;  ///< held by whoever syncs or shortens
  Synchronized<job::Extents> m_synced;
  std::atomic<int> m_sync_error{0};  ///< errno; ECANCELED once handed over
};

}  // namespace concd::engine
