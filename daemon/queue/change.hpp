#pragma once

#include <optional>
#include <vector>

#include "job/artifact.hpp"
#include "job/job.hpp"
#include "job/transfer.hpp"

namespace concd::queue {

/// What is known to be on disk of a transfer's partial file.
struct CheckpointOf {
  job::Id transfer = 0;
  job::Checkpoint checkpoint;
};

/// Rows that are written together or not at all.
struct Change {
  std::vector<job::Transfer> new_transfers;  ///< written unless they are there
  std::vector<job::Transfer> transfers;
  std::vector<job::Job> new_jobs;
  std::vector<job::Job> jobs;
  std::optional<job::Artifact> artifact;
  std::optional<CheckpointOf> checkpoint;

  /// It tells of bytes in a partial file, whose name must last before the row does.
  [[nodiscard]] bool names_partial() const;
};

}  // namespace concd::queue
