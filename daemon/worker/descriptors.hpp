#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "job/executor.hpp"
#include "util/unique_fd.hpp"

namespace concd::worker {

/// The most descriptors that a frame brings.
inline constexpr std::size_t k_max_descriptors = 4;

/// The descriptors that came with a command, unix(7). Each is checked before it is used, and used once. All
/// functions throw std::invalid_argument that says which descriptor is wrong and why.
class ReceivedDescriptors {
 public:
  explicit ReceivedDescriptors(std::vector<UniqueFd> descriptors) : m_descriptors(std::move(descriptors)) {}

  /// A regular file, open for reading and writing, each write where it is told to.
  [[nodiscard]] job::SharedFd take_part(std::size_t index, const std::string& name);
  /// A regular file, open for reading.
  [[nodiscard]] job::SharedFd take_archive(std::size_t index, const std::string& name);
  [[nodiscard]] job::SharedFd take_folder(std::size_t index, const std::string& name);
  /// Each has been taken.
  void expect_none_left() const;

 private:
  [[nodiscard]] job::SharedFd take(std::size_t index, const std::string& name);

  std::vector<UniqueFd> m_descriptors;
};

}  // namespace concd::worker
