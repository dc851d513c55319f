#pragma once

#include <vector>

#include "job/artifact.hpp"
#include "job/job.hpp"
#include "job/transfer.hpp"
#include "util/boxed.hpp"

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
  std::vector<job::Job> returning;  ///< ended jobs that are queued again: refused where one has been pruned
  std::vector<job::Id> left;        ///< transfers that jobs have left: removed where nobody refers to them
  job::Id numbered_job = 0, numbered_transfer = 0;  ///< have no row, and nothing else gets their numbers
  Boxed<job::Artifact> artifact;
  Boxed<CheckpointOf> checkpoint;

  /// It tells of bytes in a partial file, whose name must last before the row does.
  [[nodiscard]] bool names_partial() const;
};

}  // namespace concd::queue
