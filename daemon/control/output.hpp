#pragma once

#include <deque>
#include <string>
#include <vector>

#include "util/unique_fd.hpp"

namespace concd::control {

/// Bytes on their way to a stream socket, with descriptors at the bytes they belong to. Small ones are
/// gathered, so that many go in one sendmsg(2).
class Output {
 public:
  enum class Flushed {
    all,
    some,    ///< the socket takes no more now
    unread,  ///< nobody reads the other end any more
    failed,  ///< errno says why
  };

  /// The descriptors go with the first of the bytes.
  void push(std::string bytes, std::vector<UniqueFd> descriptors);
  /// Sends what the socket takes without blocking, sendmsg(2).
  [[nodiscard]] Flushed flush(int socket);
  /// Drops everything and closes the descriptors.
  void clear();

  [[nodiscard]] std::size_t size() const { return m_size; }  ///< bytes
  [[nodiscard]] bool empty() const { return m_size == 0; }
  [[nodiscard]] bool holds_descriptors() const { return m_descriptors > 0; }

 private:
  struct Piece {
    std::string bytes;
    std::size_t sent = 0;
    std::vector<UniqueFd> descriptors;
  };
  void advance(std::size_t count);

  std::deque<Piece> m_pieces;
  std::size_t m_size = 0;
  std::size_t m_descriptors = 0;
};

}  // namespace concd::control
