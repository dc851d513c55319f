#pragma once

#include <string>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include "fake_daemon.hpp"
#include "job/job.hpp"
#include "protocol/codec.hpp"
#include "support/temporary_folder.hpp"
#include "util/file.hpp"
#include "util/url.hpp"

namespace concd::test {

/// A job of the caller; with a path in the library when it is a name's and done.
inline job::Job make_job(job::Id id, const std::string& source, job::State state = job::State::running) {
  job::Job job;
  job.id = job.transfer = id;
  job.spec.source = source;
  job.spec.urls = {looks_like_url(source) ? source : "https://origin/" + source};
  if (!looks_like_url(source)) job.spec.name = source;
  job.peer.uid = ::getuid();
  job.state = state;
  job.created = Microseconds(1);
  if (state == job::State::done && !job.spec.name.empty()) job.path = "/library/" + source;
  return job;
}

inline job::Job make_failed(job::Id id, const std::string& source, job::FailureKind kind,
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
inline FakeDaemon::Handler tell(const job::Job& job) {
  return [job](const FakeCall& call) { call.reply(protocol::encode_job_reply(job)); };
}

/// Accepts whatever is handed over as `job`.
inline FakeDaemon::Handler accept(const job::Job& job) {
  return [job](const FakeCall& call) { call.reply(protocol::encode_download_reply(job)); };
}

/// Accepts the sources as the jobs that have them.
inline FakeDaemon::Handler accept_all(const std::vector<job::Job>& jobs) {
  return [jobs](const FakeCall& call) {
    for (const auto& job : jobs)
      if (job.spec.source == call.parameters.at("source").get<std::string>())
        call.reply(protocol::encode_download_reply(job));
  };
}

/// Ends a Wait with these jobs.
inline FakeDaemon::Handler end_with(const std::vector<job::Job>& jobs) {
  return [jobs](const FakeCall& call) { call.reply(protocol::encode_jobs(jobs)); };
}

}  // namespace concd::test
