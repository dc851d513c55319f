#include <cerrno>

#include "client/exit_code.hpp"
#include "client/output/report.hpp"
#include "client/output/table.hpp"
#include "client/refusal.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::client;

namespace {

job::View in_state(job::State state) {
  job::View job;
  job.state = state;
  return job;
}

std::string_view event(std::optional<job::State> before, job::State after) {
  return job::to_string(
      event_between(before ? std::optional(in_state(*before)) : std::nullopt, in_state(after)));
}

}  // namespace

TEST_CASE("events have the names that Monitor gives them") {
  using enum job::State;
  CHECK(event({}, queued) == "accepted");
  CHECK(event(queued, running) == "started");
  CHECK(event({}, running) == "started");
  CHECK(event(running, running) == "progress");
  CHECK(event(running, waiting) == "waiting");
  CHECK(event(running, paused) == "paused");
  CHECK(event(paused, queued) == "resumed");
  CHECK(event(waiting, queued) == "queued");
  CHECK(event(running, publishing) == "publishing");
  CHECK(event(running, done) == "done");
  CHECK(event(queued, failed) == "failed");
  CHECK(event(running, cancelled) == "cancelled");
  auto raised = in_state(running);
  raised.priority = job::Priority::high;
  CHECK(event_between(in_state(running), raised) == job::JobEventKind::priority);
}

TEST_CASE("a job's end has the exit code of its class") {
  using enum job::FailureKind;
  CHECK(exit_code::of(in_state(job::State::done)) == 0);
  CHECK(exit_code::of(in_state(job::State::cancelled)) == 12);
  auto job = in_state(job::State::failed);
  CHECK(exit_code::of(job) == 1);
  job.failure.emplace();
  for (const auto& [kind, code] :
       {std::pair{other, 1}, std::pair{file, 3}, std::pair{network, 4}, std::pair{tls, 5},
        std::pair{authentication, 6}, std::pair{server, 8}, std::pair{verification, 10}}) {
    job.failure->kind = kind;
    CHECK(exit_code::of(job) == code);
  }
}

TEST_CASE("a refusal has its exit code and a sentence that shows the way out") {
  const auto check = [](const protocol::WireError& error, int code, const std::string& part) {
    CHECK(exit_code::of(error) == code);
    CHECK_THAT(describe(error), ContainsSubstring(part));
  };
  check(protocol::error_of(protocol::UnknownName{"Archivo1.tx", "Archivo1.txt"}), 2,
        "did you mean 'Archivo1.txt'?");
  check(protocol::error_of(protocol::UnknownName{"\x1b[2J", std::nullopt}), 2,
        "'?[2J' is not in the catalog");
  check(protocol::error_of(protocol::InvalidSource{"gopher://h", "no such scheme"}), 2, "no such scheme");
  check(protocol::error_of(protocol::NoSuchJob{7}), 2, "there is no job 7");
  check(protocol::error_of(protocol::NotPermitted{"it is somebody else's"}), 13, "somebody else's");
  check(protocol::error_of(protocol::QueueFull{500}), 14, "500");
  check(protocol::error_of(protocol::LimitReached{"queue.limit_per_user", 500}), 15, "queue.limit_per_user");
  check(protocol::error_of(protocol::WrongState{7, job::State::done, "pause"}), 1, "job 7 is done");
  check(protocol::error_of(protocol::NoResult{7, "it was released"}), 1, "it was released");
  check(protocol::error_of(protocol::StoreFailed{"no space"}), 3, "no space");
  check(protocol::error_of(protocol::ShuttingDown{}), 11, "stopping");
  check(protocol::invalid_parameter("source"), 2, "'source'");
  check(protocol::method_not_found("io.concd.X"), 1, "MethodNotFound");
}

TEST_CASE("a socket that cannot be used tells the daemon that is away from the permission that is missing") {
  CHECK(exit_code::of_connect_error(ENOENT) == 11);
  CHECK(exit_code::of_connect_error(ECONNREFUSED) == 11);
  CHECK(exit_code::of_connect_error(EACCES) == 13);
}

TEST_CASE("a table is as wide as its cells, numbers at the right, nothing behind the last") {
  CHECK(table_lines({{"ID", true}, {"NAME", false}}, {{"7", "año"}, {"123", "x"}}) ==
        std::vector<std::string>{" ID  NAME", "  7  año", "123  x"});
  CHECK(table_lines({{"ID", true}}, {}) == std::vector<std::string>{"ID"});
  CHECK(pair_lines({{"Job", "7"}, {"State", "done"}}) == std::vector<std::string>{"Job:   7", "State: done"});
}
