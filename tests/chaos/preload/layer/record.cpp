#include "record.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace chaos {
namespace {

pthread_mutex_t g_threads = PTHREAD_MUTEX_INITIALIZER;

/// The fixed part of an entry, as it lies in the log.
struct [[gnu::packed]] Head {
  std::uint32_t length;  ///< of the whole entry
  std::uint16_t kind;
  std::uint16_t name_length;
  std::uint16_t other_name_length;
  std::uint16_t reserved;
  std::uint32_t data_length;
  std::int32_t pid;
  std::int32_t error;
  std::uint64_t inode;
  std::uint64_t folder;
  std::uint64_t other_folder;
  std::int64_t offset;
  std::uint32_t flags;
};

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::abort();
}

iovec piece(const void* data, std::size_t size) {
  return {const_cast<void*>(data), size};
}

}  // namespace

int Log::open() {
  // The program may have closed what it did not know, and have got the number for a file of its own.
  struct stat ours{};
  struct stat named{};
  if (::stat(m_path, &named) != 0) give_up(m_path);
  if (m_fd >= 0 && ::fstat(m_fd, &ours) == 0 && ours.st_ino == named.st_ino && ours.st_dev == named.st_dev)
    return m_fd;
  m_fd = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, m_path, O_WRONLY | O_APPEND | O_CLOEXEC, 0));
  if (m_fd < 0) give_up(m_path);
  return m_fd;
}

void Log::lock() {
  ::pthread_mutex_lock(&g_threads);
  while (::flock(open(), LOCK_EX) != 0)
    if (errno != EINTR) give_up("flock");
}

void Log::unlock() {
  ::flock(m_fd, LOCK_UN);
  ::pthread_mutex_unlock(&g_threads);
}

void Log::append(const Record& record) {
  Head head{};
  head.kind = static_cast<std::uint16_t>(record.kind);
  head.name_length = static_cast<std::uint16_t>(record.name.size());
  head.other_name_length = static_cast<std::uint16_t>(record.other_name.size());
  head.data_length = static_cast<std::uint32_t>(record.size);
  head.pid = ::getpid();
  head.error = record.error;
  head.inode = record.inode;
  head.folder = record.folder;
  head.other_folder = record.other_folder;
  head.offset = record.offset;
  head.flags = record.flags;
  std::vector<iovec> pieces{piece(&head, sizeof head), piece(record.name.data(), record.name.size()),
                            piece(record.other_name.data(), record.other_name.size())};
  auto left = record.size;
  for (int i = 0; i < record.pieces && left > 0; ++i) {
    const auto length = std::min(record.data[i].iov_len, left);
    pieces.push_back(piece(record.data[i].iov_base, length));
    left -= length;
  }
  std::size_t length = 0;
  for (const auto& each : pieces) length += each.iov_len;
  head.length = static_cast<std::uint32_t>(length);
  const auto count = static_cast<unsigned long>(pieces.size());
  const auto written = ::syscall(SYS_writev, m_fd, pieces.data(), count);
  if (written != static_cast<long>(length)) give_up("the log of calls");
}

}  // namespace chaos
