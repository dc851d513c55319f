#pragma once

#include <cstdint>
#include <string>

#include <sys/stat.h>
#include <sys/types.h>

#include "record.hpp"

namespace chaos {

/// The calls that are counted and can be made to fail, in the order of the counters.
enum class Call {
  open,
  write,
  ftruncate,
  fallocate,
  rename,
  unlink,
  mkdir,
  link,
  symlink,
  fsync,
  fdatasync,
  syncfs,
  fchmod,
  futimens,
};
inline constexpr int k_calls = static_cast<int>(Call::futimens) + 1;

/// In place of an errno: a write that takes half of the bytes.
inline constexpr int k_short = -1;

/// A name in a folder, and whether that folder is the watched one or below it.
class Place {
 public:
  /// Keeps errno.
  Place(int folder, const char* path);
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place();

  [[nodiscard]] bool inside() const { return m_inside; }
  [[nodiscard]] std::uint64_t folder() const { return m_folder; }
  [[nodiscard]] const std::string& name() const { return m_name; }
  /// What is there now, not following a link. False when there is nothing. Keeps errno.
  [[nodiscard]] bool status(struct stat& status) const;

 private:
  bool m_inside = false;
  int m_fd = -1;
  std::uint64_t m_folder = 0;
  std::string m_name;
};

/// The watched folder, the log and the fault of this process, as the environment said at its start.
class Layer {
 public:
  /// Null where the process is not watched.
  static Layer* get();

  /// Whether a path is the folder or below it and no file that SQLite rebuilds after every crash.
  [[nodiscard]] bool holds(std::string_view path) const;
  /// Whether a descriptor is of a file or folder in there; `status` is then filled in. Keeps errno.
  [[nodiscard]] bool holds(int fd, struct stat& status) const;

  Log& log() { return m_log; }
  /// Under the lock. Counts the call; the errno that it shall fail with, k_short, or 0.
  int count(Call call, std::string_view path = {});
  /// Under the lock.
  std::int64_t next_sync() { return ++m_syncs; }

  Layer();

 private:
  std::string m_folder;
  std::string m_log_path;
  Log m_log;
  std::uint64_t* m_counters = nullptr;  ///< shared by all processes; k_calls of them
  int m_call = -1;                      ///< the one that shall fail
  std::uint64_t m_turn = 0;             ///< at its how manieth time
  int m_error = 0;
  std::int64_t m_syncs = 0;
};

class Lock {
 public:
  explicit Lock(Log& log) : m_log(log) { m_log.lock(); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() { m_log.unlock(); }

 private:
  Log& m_log;
};

/// Keeps errno as it is while bookkeeping goes on.
class KeepErrno {
 public:
  KeepErrno() : m_errno(errno) {}
  KeepErrno(const KeepErrno&) = delete;
  KeepErrno& operator=(const KeepErrno&) = delete;
  ~KeepErrno() { errno = m_errno; }

 private:
  int m_errno;
};

}  // namespace chaos
