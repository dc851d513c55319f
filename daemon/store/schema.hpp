#pragma once

#include <cstdint>
#include <span>

namespace concd::sqlite {
class Database;
}

namespace concd::store {

/// PRAGMA application_id of a concd database: "cncd". <https://sqlite.org/fileformat2.html#application_id>
inline constexpr std::uint32_t k_application_id = 0x636e6364;

/// The steps from an empty file to the schema of today: step N makes version N + 1 (PRAGMA user_version). A
/// released step is never changed; a new version is a new step.
[[nodiscard]] std::span<const char* const> migrations();

/// Brings the database to the newest version, each step in a transaction of its own: a step that fails
/// leaves the version before it. Throws sqlite::Error.
void migrate(sqlite::Database& database, std::span<const char* const> steps);

}  // namespace concd::store
