#pragma once

#include "job/artifact.hpp"
#include "job/job.hpp"
#include "job/transfer.hpp"
#include "store/table.hpp"

namespace concd::store {

extern const Table<job::Job> k_job_table;
extern const Table<job::Transfer> k_transfer_table;
extern const Table<job::Artifact> k_artifact_table;

}  // namespace concd::store
