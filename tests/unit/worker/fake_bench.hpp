#pragma once

#include <string>

#include <sys/resource.h>
#include <sys/wait.h>

#include "files.hpp"
#include "record.hpp"
#include "support/catch.hpp"
#include "util/errno_error.hpp"

namespace concd::worker {

inline WorkerSettings fake_settings() {
  // As in the daemon. Otherwise a sanitizer that begins in the child, and forbids core dumps there, may do
  // that between the two calls by which the child is limited.
  constexpr rlimit k_none{0, 0};
  check_errno(::setrlimit(RLIMIT_CORE, &k_none), "setrlimit");
  WorkerSettings settings;
  settings.program = CONCD_FAKE_WORKER;
  settings.limits.memory = 0;
  return settings;
}

inline job::Task task(const std::string& url, job::Id id = 1) {
  job::Task result;
  result.id = id;
  result.url = url;
  result.kept = unnamed_file(std::string(100, 'k'));
  result.checkpoint.part = 1;
  result.checkpoint.set_durable(100);
  result.fresh = unnamed_file();
  result.fresh_part = 2;
  return result;
}

/// An executor of fake workers.
struct FakeBench : Bench {
  explicit FakeBench(WorkerSettings settings = fake_settings()) : Bench(std::move(settings)) {}

  const job::Outcome& run(const std::string& url) { return run(task(url)); }

  const job::Outcome& run(const job::Task& given) {
    executor.start(given);
    CHECK(record.outcomes.empty());
    loop.run();
    REQUIRE(record.outcomes.size() == 1);
    CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
    return record.outcomes.front();
  }
};

inline void check_failed(const job::Outcome& outcome, const std::string& message,
                         job::RetryClass retry_class = job::RetryClass::retry) {
  CHECK(outcome.kind == job::Outcome::Kind::failed);
  REQUIRE(outcome.failure);
  CHECK(outcome.failure->kind == job::FailureKind::other);
  CHECK(outcome.failure->retry_class == retry_class);
  CHECK_THAT(outcome.failure->message, ContainsSubstring(message));
}

}  // namespace concd::worker
