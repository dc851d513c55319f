#pragma once

#include <chrono>
#include <string>

#include "job/job.hpp"

namespace concd::test {

using namespace std::chrono_literals;

/// A job as it is accepted.
inline job::Job new_job(const std::string& url = "https://example.org/file") {
  job::Job job;
  job.spec.source = url;
  job.spec.urls = {url};
  job.peer = {1000, 1000, 4711};
  job.created = 1'700'000'000s;
  return job;
}

/// A job in which every field that lasts has a value of its own.
inline job::Job full_job() {
  job::Job job;
  job.transfer = 77;
  job.spec = {"https://u:p@example.org/a?b=c",
              "Ñandú \"1\".txt",
              {"https://example.org/a,b", "ftp://example.org/\"quoted\"", "https://example.org/\xC3\xB1"},
              job::Digest{"sha256", std::string(64, 'a')},
              std::uint64_t{5'000'000'000},
              job::ExecutorKind::process,
              true,
              90s,
              "/home/you/a file",
              true};
  job.peer = {4'294'967'294U, 1001, 4711};
  job.token = "mine; DROP TABLE job";
  job.state = job::State::waiting;
  job.executor = job::ExecutorKind::thread;
  job.created = 1'700'000'000'000'001us;
  job.started = 1'700'000'000'000'002us;
  job.finished = 1'700'000'000'000'003us;
  job.attempts = 4;
  job.tries = 5;
  job.mirror = 2;
  job.stalled = 17s;
  job.contacted = true;
  job.next_try = 1'700'000'000'000'005us;
  job.reason = "the server asked to wait";
  job.failure =
      job::Failure{job::FailureKind::server, job::RetryClass::retry, "503 from the server", 503, 120s};
  job.checkpoint = {"https://example.org/a,b", 1'234'567, 7'654'321, {"\"e\xE9-tag\"", "Tue, 15 Nov 1994"}};
  job.progress.received = 1'234'568;
  job.progress.total = 7'654'322;
  job.path = "/var/lib/concd/library/x";
  job.released = true;
  job.mtime = 1'600'000'000'000'006us;
  return job;
}

}  // namespace concd::test
