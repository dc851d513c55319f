#include "queue/journal.hpp"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "sd/message_id.hpp"
#include "util/units.hpp"
#include "util/url.hpp"

namespace concd::queue::journal {
namespace {

namespace message_id = sd::message_id;
using Fields = std::vector<log::Field>;

std::string_view executor_of(const job::Transfer& transfer) {
  const auto* const running = std::get_if<job::Running>(&transfer.phase);
  return job::to_string(running != nullptr ? running->executor : transfer.spec.executor);
}

void entry(spdlog::level::level_enum level, std::string_view message_id, std::string_view event,
           const job::Job& job, const job::Transfer& transfer, const std::string& text, Fields extra = {}) {
  Fields fields{
      {"MESSAGE_ID", std::string(message_id)},     {"CONCD_EVENT", std::string(event)},
      {"CONCD_JOB_ID", std::to_string(job.id)},    {"CONCD_TRANSFER_ID", std::to_string(transfer.id)},
      {"CONCD_URL", redact_url(transfer.url())},   {"CONCD_EXECUTOR", std::string(executor_of(transfer))},
      {"CONCD_UID", std::to_string(job.peer.uid)},
  };
  if (!transfer.spec.name.empty()) fields.emplace_back("CONCD_NAME", transfer.spec.name);
  if (transfer.failure) fields.emplace_back("CONCD_ERROR", transfer.failure->message);
  fields.insert(fields.end(), extra.begin(), extra.end());
  log::event(level, text, fields);
}

std::string about(const job::Job& job, const job::Transfer& transfer) {
  return fmt::format("job {}: {}", job.id, title(transfer));
}

void put(Fields& fields, const char* name, const std::string& value) {
  if (!value.empty()) fields.emplace_back(name, value);
}

void put(Fields& fields, const char* name, std::uint64_t value) {
  if (value != 0) fields.emplace_back(name, std::to_string(value));
}

Fields fields_of(const job::WaitCause& cause) {
  Fields fields{{"CONCD_WAIT", std::string(job::to_string(cause.kind))}};
  put(fields, "CONCD_WAIT_LIMIT", cause.limit);
  put(fields, "CONCD_WAIT_HOST", cause.host);
  put(fields, "CONCD_BYTES_NEEDED", cause.needed);
  put(fields, "CONCD_BYTES_FREE", cause.free);
  return fields;
}

Fields fields_of(const job::Waiting& wait) {
  auto fields = fields_of(*wait.cause);
  put(fields, "CONCD_WAIT_UNTIL_USEC",
      static_cast<std::uint64_t>(std::max<std::int64_t>(wait.until.count(), 0)));
  return fields;
}

Fields fields_of(const job::Peer& caller) {
  Fields fields{{"CONCD_CALLER_UID", std::to_string(caller.uid)},
                {"CONCD_CALLER_PID", std::to_string(caller.pid)}};
  if (!caller.origin) return fields;
  put(fields, "CONCD_CALLER_UNIT", caller.origin->unit());
  put(fields, "CONCD_CALLER_SESSION", caller.origin->session());
  return fields;
}

/// Of no job.
void entry(std::string_view message_id, std::string_view event, const job::WaitCause& cause,
           const std::string& text) {
  auto fields = fields_of(cause);
  fields.emplace_back("MESSAGE_ID", message_id);
  fields.emplace_back("CONCD_EVENT", event);
  log::event(spdlog::level::info, text, fields);
}

std::string text_of(const job::WaitCause& cause) {
  switch (cause.kind) {
    case job::WaitKind::slot:
    case job::WaitKind::user_slot:
      return fmt::format("{} transfers are running, the most that {} allows", cause.running, cause.limit);
    case job::WaitKind::host_slot:
      return fmt::format("{} transfers from {} are running, the most that {} allows", cause.running,
                         cause.host, cause.limit);
    case job::WaitKind::host_backoff:
      return fmt::format("{} cannot be connected to", cause.host);
    case job::WaitKind::disk_space:
      return fmt::format("the disk is full: {} are needed, {} are free", format_size(cause.needed),
                         format_size(cause.free));
    case job::WaitKind::offline:
    case job::WaitKind::local_resource:
    case job::WaitKind::retry:
      break;
    case job::WaitKind::callers_file:
      return "the file that it is fetched into is with its caller, who may come back";
  }
  return cause.message;
}

std::string text_of(const job::Waiting& wait, Microseconds now) {
  auto text = text_of(*wait.cause);
  if (wait.until.count() == 0) return text;
  return fmt::format("{}; next try in {}", text, format_duration(std::max(wait.until - now, Microseconds{})));
}

Fields attempt_fields(std::uint64_t bytes, Microseconds duration) {
  return {{"CONCD_BYTES", std::to_string(bytes)}, {"CONCD_DURATION_USEC", std::to_string(duration.count())}};
}

}  // namespace

void changed(std::string_view message_id, std::string_view event, const job::Peer& caller,
             const job::Job& job, const job::Transfer& transfer, const std::string& what) {
  entry(spdlog::level::info, message_id, event, job, transfer, about(job, transfer) + " " + what,
        fields_of(caller));
}

void started(const job::Job& job, const Record& record) {
  const auto& execution = record.live->execution;
  const bool by_process = execution.worker_pid != 0;
  const auto who = by_process ? std::to_string(execution.worker_pid) : execution.thread_id;
  entry(spdlog::level::info, message_id::job_started, "started", job, record.transfer,
        fmt::format("{} is fetched by {} {}", about(job, record.transfer),
                    by_process ? "worker process" : "thread", who),
        {{by_process ? "CONCD_WORKER_PID" : "CONCD_THREAD_ID", who}});
}

void restarted(const job::Job& job, const job::Transfer& transfer) {
  entry(spdlog::level::warn, message_id::job_restarted, "restarted", job, transfer,
        about(job, transfer) +
            " cannot be continued, the origin's file may be another one; it is fetched from the start");
}

void file_lost(const job::Job& job, const job::Transfer& transfer) {
  entry(spdlog::level::warn, message_id::job_file_lost, "file-lost", job, transfer,
        about(job, transfer) +
            " goes on in the state folder: the file that its caller handed over is gone, or cannot be "
            "continued");
}

void mirror_dropped(const job::Job& job, const job::Transfer& transfer, const std::string& url,
                    const std::string& reason) {
  entry(spdlog::level::warn, message_id::job_mirror_dropped, "mirror-dropped", job, transfer,
        fmt::format("{} went on without its mirror {}: {}", about(job, transfer), redact_url(url), reason));
}

void next_mirror(const job::Job& job, const job::Transfer& transfer) {
  entry(spdlog::level::warn, message_id::job_next_mirror, "queued", job, transfer,
        fmt::format("job {}: {}; the next mirror is tried", job.id, transfer.failure->message));
}

void waits(const job::Job& job, const job::Transfer& transfer, const job::Waiting& wait, Microseconds now) {
  entry(spdlog::level::warn, message_id::job_waiting, "waiting", job, transfer,
        fmt::format("job {}: {}", job.id, text_of(wait, now)), fields_of(wait));
}

void waits_no_more(const job::Job& job, const job::Transfer& transfer, const job::Waiting& wait) {
  entry(spdlog::level::info, message_id::job_wait_ended, "queued", job, transfer,
        fmt::format("{} goes on, its wait ({}) is over", about(job, transfer),
                    job::to_string(wait.cause->kind)),
        fields_of(wait));
}

void held_back(const job::WaitCause& cause) {
  entry(message_id::held_back, "held-back", cause, "transfers wait: " + text_of(cause));
}

void held_back_no_more(const job::WaitCause& cause) {
  entry(message_id::held_back_ended, "held-back-ended", cause,
        fmt::format("transfers no longer wait for {}", cause.host.empty() ? cause.limit : cause.host));
}

void done(const job::Job& job, const job::Transfer& transfer, Microseconds duration) {
  const auto text = duration.count() == 0
                        ? about(job, transfer) + " is present and fresh"
                        : fmt::format("{} is done, {} in {}", about(job, transfer),
                                      format_size(transfer.size), format_duration(duration));
  entry(spdlog::level::info, message_id::job_done, "done", job, transfer, text,
        attempt_fields(transfer.size, duration));
}

void failed(const job::Job& job, const job::Transfer& transfer, std::uint64_t bytes, Microseconds duration) {
  entry(spdlog::level::err, message_id::job_failed, "failed", job, transfer,
        fmt::format("{} failed: {}", about(job, transfer), transfer.failure ? transfer.failure->message : ""),
        attempt_fields(bytes, duration));
}

std::string title(const job::Transfer& transfer) {
  return transfer.spec.name.empty() ? redact_url(transfer.spec.source()) : transfer.spec.name;
}

}  // namespace concd::queue::journal
