#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>

#include "job/view.hpp"

namespace concd::client {

/// Where the file of a job is to go.
struct Place {
  std::filesystem::path output;    ///< absolute
  std::filesystem::path hidden{};  ///< what it is fetched into, beside it; empty: nothing of the user's own
};

/// Where this user meant the files of jobs to go: a small file a job, in a folder of the user's own. The
/// daemon remembers the path as well, but whoever has taken the daemon over could name any other. One thread.
class Records {
 public:
  /// How many are kept; beyond that the oldest go.
  static constexpr std::size_t k_limit = 10'000;

  explicit Records(std::filesystem::path folder) : m_folder(std::move(folder)) {}

  /// Writes down where the job's file is to go. Throws std::system_error.
  void remember(const job::View& job, const Place& place);
  /// What was written down; nothing where there is no record, or one that somebody else could have written.
  [[nodiscard]] std::optional<Place> find(const job::View& job) const;

 private:
  void prepare();
  void prune() const;

  std::filesystem::path m_folder;
  bool m_is_prepared = false;
};

/// The folder of the environment's user: concd in $XDG_STATE_HOME, else in ~/.local/state, see the XDG Base
/// Directory Specification. Empty where the user has no home.
[[nodiscard]] std::filesystem::path records_folder();

}  // namespace concd::client
