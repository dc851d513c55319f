#include "job/failure.hpp"

#include "support/catch.hpp"

using namespace concd::job;

TEST_CASE("every failure has the exit code that the manual promises") {
  CHECK(exit_code(FailureKind::other) == 1);
  CHECK(exit_code(FailureKind::file) == 3);
  CHECK(exit_code(FailureKind::network) == 4);
  CHECK(exit_code(FailureKind::tls) == 5);
  CHECK(exit_code(FailureKind::authentication) == 6);
  CHECK(exit_code(FailureKind::server) == 8);
  CHECK(exit_code(FailureKind::verification) == 10);
  CHECK(exit_code(FailureKind::cancelled) == 12);
}

TEST_CASE("kinds and remedies survive their names") {
  for (const auto kind :
       {FailureKind::other, FailureKind::file, FailureKind::network, FailureKind::tls,
        FailureKind::authentication, FailureKind::server, FailureKind::verification, FailureKind::cancelled})
    CHECK(failure_kind_from_string(to_string(kind)) == kind);
  for (const auto retry_class :
       {RetryClass::none, RetryClass::retry, RetryClass::offline, RetryClass::disk_space, RetryClass::mirror})
    CHECK(retry_class_from_string(to_string(retry_class)) == retry_class);
  CHECK_FALSE(failure_kind_from_string("nonsense"));
}
