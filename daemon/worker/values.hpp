#pragma once

#include "job/executor.hpp"
#include "worker/json.hpp"

/// The values of messages as JSON, for messages.cpp only. Reading throws std::invalid_argument.
namespace concd::worker {

[[nodiscard]] Json to_json(const job::Task& task);
[[nodiscard]] Json to_json(const job::Progress& progress);
[[nodiscard]] Json to_json(const job::Checkpoint& checkpoint);
[[nodiscard]] Json to_json(const job::Outcome& outcome);

[[nodiscard]] job::Task task_from(const Fields& fields);
[[nodiscard]] job::Progress progress_from(const Fields& fields);
[[nodiscard]] job::Checkpoint checkpoint_from(const Fields& fields);
[[nodiscard]] job::Outcome outcome_from(const Fields& fields);

}  // namespace concd::worker
