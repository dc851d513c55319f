#pragma once

#include <cstdint>

namespace concd {

/// Copies a file into an empty one, a piece at a time: shares the blocks where the file system can
/// (ioctl_ficlone(2)), else lets the kernel copy (copy_file_range(2)), else reads and writes.
class FileCopy {
 public:
  /// Borrows both descriptors; `from` is read from its start, whatever its offset.
  FileCopy(int from, int to, std::uint64_t size) : m_from(from), m_to(to), m_size(size) {}

  /// Copies the next piece, at most some tens of MiB; true once all is copied. Throws std::system_error; EIO
  /// when the file ends before its size.
  bool step();
  [[nodiscard]] std::uint64_t copied() const { return m_copied; }

 private:
  enum class Way { clone, kernel, buffer };
  bool clone();
  bool copy_in_kernel();
  void copy_by_buffer();
  void advance(std::uint64_t count);

  int m_from, m_to;
  std::uint64_t m_size, m_copied = 0;
  Way m_way = Way::clone;
};

}  // namespace concd
