#pragma once

#include <cstdint>
#include <filesystem>

#include "client/delivery/new_file.hpp"
#include "util/clock.hpp"
#include "util/file_copy.hpp"
#include "util/unique_fd.hpp"

namespace concd::client {

/// A finished file as the daemon handed it over, open for reading.
struct Finished {
  UniqueFd file;
  std::uint64_t size = 0;  ///< bytes
  Microseconds mtime{};    ///< the server's time of the file; 0: not told
};

/// Gives a file the server's time, if that was told: 0. A file without it is still the right one.
void set_mtime(const std::filesystem::path& file, Microseconds mtime);

/// Brings one finished file to where the caller wants it, a piece at a time. What it throws is
/// std::system_error and leaves nothing behind in the target folder.
class Delivery {
 public:
  /// `wanted` is the path to deliver to; what exists there is kept unless `replace`.
  Delivery(Finished finished, std::filesystem::path wanted, bool replace);

  /// Copies the next piece; true once publish() may be called.
  bool step() { return m_copy.step(); }
  /// Syncs the copy and gives it its name. Returns the path that it got.
  std::filesystem::path publish();
  [[nodiscard]] const std::filesystem::path& wanted() const { return m_wanted; }

 private:
  Finished m_finished;
  std::filesystem::path m_wanted;
  bool m_replace;
  NewFile m_file;
  FileCopy m_copy;
};

}  // namespace concd::client
