#pragma once

#include <cstdint>
#include <string_view>

#include <sys/uio.h>

namespace chaos {

/// What happened to the files below the folder. The numbers are those of tests/chaos/harness/replay/log.py.
enum class Kind : std::uint16_t {
  create = 1,       ///< folder, name, inode, flags: mode
  write = 2,        ///< inode, offset, data
  truncate = 3,     ///< inode, offset: the new size
  rename = 4,       ///< folder, name, other_folder, other_name, flags: of renameat2(2)
  unlink = 5,       ///< folder, name; a file or an empty folder
  make_folder = 6,  ///< folder, name, inode, flags: mode
  link = 7,         ///< folder, name, inode
  symlink = 8,      ///< folder, name, inode, data: where it leads
  sync_begin = 9,   ///< inode, offset: number of this sync, flags: see Sync
  sync_end = 10,    ///< the same, and how it ended
  mode = 11,        ///< inode, flags
  mark = 12,        ///< data: what a test noted, never written here
  fault = 13,       ///< name: the call that was made to fail
  unknown = 14,     ///< name: a call whose effect cannot be replayed
};

/// What a sync is of.
enum class Sync : std::uint32_t { data = 0, all = 1, file_system = 2 };

/// One entry of the log.
struct Record {
  Kind kind{};
  int error = 0;  ///< errno; 0: it went well
  std::uint64_t inode = 0;
  std::uint64_t folder = 0;
  std::uint64_t other_folder = 0;
  std::int64_t offset = 0;
  std::uint32_t flags = 0;
  std::string_view name{};
  std::string_view other_name{};
  const iovec* data = nullptr;
  int pieces = 0;
  std::size_t size = 0;  ///< bytes of the data that count
};

/// The log and the lock of all processes that write it: while one is held, no other call on the folder
/// happens, so that the order of the log is the order of what it tells.
class Log {
 public:
  explicit Log(const char* path) : m_path(path) {}

  void lock();
  void unlock();
  /// Under the lock.
  void append(const Record& record);

 private:
  int open();

  const char* m_path;
  int m_fd = -1;
};

}  // namespace chaos
