#pragma once

#include <string>

#include "job/job.hpp"

namespace concd::sqlite {
class Statement;
}

/// How a job becomes a row of the table `job` and back. The statements list the columns in the order in which
/// the values are bound and read.
namespace concd::store {

/// "SELECT all columns FROM job " for read_job().
[[nodiscard]] std::string select_job(const std::string& rest);
/// "INSERT INTO job (...) VALUES (...)" for bind_new_job().
[[nodiscard]] std::string insert_job_sql();
/// "UPDATE job SET ... WHERE id = ?" for bind_changed_job().
[[nodiscard]] std::string update_job_sql();

/// The id 0 makes the database choose one.
void bind_new_job(sqlite::Statement& statement, const job::Job& job);
void bind_changed_job(sqlite::Statement& statement, const job::Job& job);
/// The current row. Throws sqlite::Error (SQLITE_CORRUPT) when it holds what concd never wrote.
[[nodiscard]] job::Job read_job(const sqlite::Statement& statement);

}  // namespace concd::store
