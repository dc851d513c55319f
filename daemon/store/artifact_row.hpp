#pragma once

#include <string>

#include "job/transfer_state.hpp"

namespace concd::sqlite {
class Statement;
}

/// How an artifact becomes a row of the table `artifact` and back.
namespace concd::store {

/// "SELECT its number and all columns FROM artifact " for read_artifact().
[[nodiscard]] std::string select_artifact(const std::string& rest);
/// "INSERT OR REPLACE INTO artifact (...) VALUES (...)" for bind_artifact().
[[nodiscard]] std::string put_artifact_sql();

void bind_artifact(sqlite::Statement& statement, const job::Artifact& artifact);
[[nodiscard]] job::Artifact read_artifact(const sqlite::Statement& statement);

}  // namespace concd::store
