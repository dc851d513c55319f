#include "queue/job_log.hpp"

#include <vector>

#include "util/url.hpp"

namespace concd::queue {

void log_job(spdlog::level::level_enum level, std::string_view message_id, std::string_view event,
             const job::Job& job, const std::string& text, std::vector<log::Field> extra) {
  std::vector<log::Field> fields{
      {"MESSAGE_ID", std::string(message_id)},
      {"CONCD_EVENT", std::string(event)},
      {"CONCD_JOB_ID", std::to_string(job.id)},
      {"CONCD_URL", redact_url(job.spec.urls.at(job.mirror))},
      {"CONCD_EXECUTOR", std::string(job::to_string(job.executor))},
      {"CONCD_UID", std::to_string(job.peer.uid)},
  };
  if (!job.spec.name.empty()) fields.emplace_back("CONCD_NAME", job.spec.name);
  if (job.failure) fields.emplace_back("CONCD_ERROR", job.failure->message);
  fields.insert(fields.end(), extra.begin(), extra.end());
  log::event(level, text, fields);
}

log::Field execution_field(const job::Execution& execution) {
  if (execution.worker_pid != 0) return {"CONCD_WORKER_PID", std::to_string(execution.worker_pid)};
  return {"CONCD_THREAD_ID", execution.thread_id};
}

std::string title(const job::Job& job) {
  return job.spec.name.empty() ? redact_url(job.spec.source) : job.spec.name;
}

}  // namespace concd::queue
