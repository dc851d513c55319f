#pragma once

#include <string>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include "fake_daemon.hpp"
#include "job/view.hpp"
#include "protocol/codec.hpp"
#include "support/temporary_folder.hpp"
#include "util/file.hpp"
#include "util/url.hpp"

namespace concd::test {

/// A job of the caller; with a path in the library when it is a name's and done.
inline job::View make_job(job::Id id, const std::string& source, job::State state = job::State::running) {
  job::View job;
  job.id = job.transfer = id;
  job.source = source;
  job.url = looks_like_url(source) ? source : "https://origin/" + source;
  if (!looks_like_url(source)) job.name = source;
  job.uid = ::getuid();
  job.state = state;
  job.created = Microseconds(1);
  if (state == job::State::done && !job.name.empty()) job.path = "/library/" + source;
  return job;
}

/// A place is missing.
inline job::WaitCause place(job::WaitKind kind, std::string limit, std::uint32_t running,
                            std::string host = {}) {
  job::WaitCause cause;
  cause.kind = kind;
  cause.limit = std::move(limit);
  cause.running = running;
  cause.host = std::move(host);
  return cause;
}

/// A job that waits, or, with a slot kind, is queued.
inline job::View make_waiting(job::Id id, const std::string& source, job::WaitCause cause,
                              Microseconds until = {}) {
  const bool slot = cause.kind == job::WaitKind::slot || cause.kind == job::WaitKind::host_slot ||
                    cause.kind == job::WaitKind::user_slot;
  auto job = make_job(id, source, slot ? job::State::queued : job::State::waiting);
  job.wait = job::Waiting{std::move(cause), until};
  return job;
}

/// One that waits after a failure of that message.
inline job::View make_retrying(job::Id id, const std::string& source, std::string message,
                               Microseconds until = {}) {
  job::WaitCause cause;
  cause.message = std::move(message);
  return make_waiting(id, source, std::move(cause), until);
}

inline job::View make_failed(job::Id id, const std::string& source, job::FailureKind kind,
                             std::string message) {
  auto job = make_job(id, source, job::State::failed);
  job.failure = job::Failure{kind, job::RetryClass::none, std::move(message), 0, {}};
  return job;
}

/// Hands out `file` as the result of every job.
inline FakeDaemon::Handler hand_out(const std::filesystem::path& file, std::uint64_t size, std::string name) {
  return [=](const FakeCall& call) {
    const auto descriptor = open_file(file, O_RDONLY);
    call.reply_with_descriptor(protocol::encode_result({0, name, size, Microseconds(1'000'000'000'000'000)}),
                               descriptor.get());
  };
}

/// Answers with the job whose id is asked for.
inline FakeDaemon::Handler tell(const job::View& job) {
  return [job](const FakeCall& call) { call.reply(protocol::encode_job_reply(job)); };
}

/// Accepts whatever is handed over as `job`.
inline FakeDaemon::Handler accept(const job::View& job) {
  return [job](const FakeCall& call) { call.reply(protocol::encode_download_reply(job)); };
}

/// Accepts the sources as the jobs that have them.
inline FakeDaemon::Handler accept_all(const std::vector<job::View>& jobs) {
  return [jobs](const FakeCall& call) {
    for (const auto& job : jobs)
      if (job.source == call.parameters.at("source").get<std::string>())
        call.reply(protocol::encode_download_reply(job));
  };
}

/// Ends a Wait with these jobs.
inline FakeDaemon::Handler end_with(const std::vector<job::View>& jobs) {
  return [jobs](const FakeCall& call) { call.reply(protocol::encode_jobs(jobs)); };
}

}  // namespace concd::test
