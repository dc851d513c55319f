#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>

namespace concd::store {

/// What a recovery brought.
struct Recovered {
  std::size_t jobs = 0;       ///< jobs that were saved, each with its transfer
  std::size_t lost_jobs = 0;  ///< jobs that could be read but not their transfer; they were left out
  std::size_t artifacts = 0;  ///< files of the library that are still known
  std::filesystem::path
      aside;  ///< the copy of the damaged database; its log, if any, is at the same path with "-wal"
};

/// Puts a new database in the place of a damaged one, with all that can still be read of it, and keeps a copy
/// of the damaged one beside it. Nothing when the database is whole or was not there. The caller makes sure
/// that no daemon uses it. Throws StoreError where it is not damage that keeps it from being used, and
/// std::system_error.
[[nodiscard]] std::optional<Recovered> recover(const std::filesystem::path& file);

}  // namespace concd::store
