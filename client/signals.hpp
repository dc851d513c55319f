#pragma once

#include <csignal>
#include <optional>

#include "util/unique_fd.hpp"

namespace concd::client {

/// SIGINT, SIGTERM and SIGWINCH as something to poll, signalfd(2); blocked while this lives, so that none
/// comes between a check and a wait. One that the caller had us ignore (nohup) stays ignored.
class Signals {
 public:
  Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals();

  [[nodiscard]] int fd() const { return m_fd.get(); }
  /// The next signal that has come; does not block.
  [[nodiscard]] std::optional<int> next();

 private:
  sigset_t m_before{};
  UniqueFd m_fd;
};

}  // namespace concd::client
