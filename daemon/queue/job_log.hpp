#pragma once

#include <string>
#include <string_view>

#include <spdlog/common.h>

#include "job/executor.hpp"
#include "job/job.hpp"
#include "util/log.hpp"

namespace concd::queue {

/// The journal entry of one event of one job. The fields CONCD_EVENT, CONCD_JOB_ID, CONCD_NAME, CONCD_URL,
/// CONCD_EXECUTOR, CONCD_UID and, after a failure, CONCD_ERROR come from the job; secrets are left out.
void log_job(spdlog::level::level_enum level, std::string_view message_id, std::string_view event,
             const job::Job& job, const std::string& text, std::vector<log::Field> extra = {});

/// CONCD_THREAD_ID or CONCD_WORKER_PID.
[[nodiscard]] log::Field execution_field(const job::Execution& execution);

/// How a person knows the job: its NAME, or its URL without secrets.
[[nodiscard]] std::string title(const job::Job& job);

}  // namespace concd::queue
