#pragma once

#include <utility>

#include "util/unique_fd.hpp"

namespace concd {

/// A descriptor that a stranger has sent. Closing it may last for ever where it leads to FUSE or NFS, which
/// close(2) has written back first, so that a thread of its own does that; move-only.
class ReceivedFd {
 public:
  ReceivedFd() noexcept = default;
  explicit ReceivedFd(UniqueFd fd) noexcept : m_fd(std::move(fd)) {}
  ReceivedFd(ReceivedFd&&) noexcept = default;
  ReceivedFd& operator=(ReceivedFd&& other) noexcept {
    std::swap(m_fd, other.m_fd);
    return *this;
  }
  ~ReceivedFd();

  /// Whether another one may be received: not while too many closes last.
  [[nodiscard]] static bool may_come() noexcept;

  [[nodiscard]] int get() const noexcept { return m_fd.get(); }
  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(m_fd); }
  /// Gives the descriptor away, which is known to be closed at once.
  [[nodiscard]] UniqueFd take() noexcept { return std::move(m_fd); }

 private:
  UniqueFd m_fd;
};

}  // namespace concd
