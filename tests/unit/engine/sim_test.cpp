#include "bench.hpp"
#include "engine/sim_origin.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::test;
using namespace std::chrono_literals;
using engine::SimOrigin;

namespace {

std::string text(const std::string& name) {
  std::string result;
  for (const auto& piece : SimOrigin::pieces(name)) result += piece;
  return result;
}

/// Keeps what an origin delivers, and when.
struct Tape final : engine::Sink {
  engine::Answer answer;
  std::string body;
  bool over = false;

  bool accept(const engine::Answer& head) override {
    answer = head;
    return true;
  }
  bool write(std::string_view data) override {
    body += data;
    return true;
  }
  void end(std::optional<job::Failure> failure) override {
    CHECK_FALSE(failure);
    over = true;
  }
};

}  // namespace

TEST_CASE("sim: delivers its text in twenty pieces over two seconds") {
  Tape tape;
  SimOrigin origin("sim:Archivo1.txt", {}, {}, 100s, tape);
  origin.advance(*origin.due());
  CHECK(tape.body.empty());
  int pieces = 0;
  while (!tape.over) {
    const auto before = tape.body.size();
    origin.advance(*origin.due() - 1us);
    CHECK(tape.body.size() == before);
    const auto due = *origin.due();
    origin.advance(due);
    ++pieces;
    CHECK(due == 100s + pieces * 100ms);
  }
  CHECK(pieces == 20);
  CHECK(tape.body == text("Archivo1.txt"));
  CHECK(tape.answer.total == tape.body.size());
  CHECK_THAT(tape.body, ContainsSubstring("Contenido de Archivo1.txt\n"));
}

TEST_CASE("sim: catches up after a long sleep") {
  Tape tape;
  SimOrigin origin("sim:X", {}, {}, 0s, tape);
  origin.advance(0s);
  origin.advance(1h);
  CHECK(tape.over);
  CHECK(tape.body == text("X"));
}

TEST_CASE("a sim: transfer goes the whole way and reports like any other") {
  Bench bench;
  auto task = bench.task("sim:Archivo1.txt");
  task.digest = sha256(text("Archivo1.txt"));
  const auto outcome = bench.run(task);
  REQUIRE(outcome.kind == job::Outcome::Kind::delivered);
  CHECK(outcome.size == text("Archivo1.txt").size());
  CHECK(outcome.fetched == outcome.size);
  CHECK(outcome.contacted);
  CHECK_FALSE(outcome.restarted);
  CHECK(bench.bytes(outcome) == text("Archivo1.txt"));
  CHECK(outcome.digest == task.digest->hex);
  CHECK(bench.execution(1).thread_id == "transfer-0");
  CHECK(bench.progress(1).size() >= 2);
  CHECK(bench.progress(1).back().total == outcome.size);
}

TEST_CASE("a stopped sim: transfer goes on where it was") {
  Bench bench;
  const auto task = bench.task("sim:Archivo2.txt");
  bench.on_progress_of = [&](job::Id id) { bench.pool().stop(id); };
  const auto stopped = bench.run(task);
  REQUIRE(stopped.kind == job::Outcome::Kind::stopped);
  REQUIRE(stopped.checkpoint.durable() > 0);
  CHECK(bench.bytes(stopped).size() == stopped.checkpoint.durable());
  bench.on_progress_of = nullptr;
  const auto outcome = bench.run(bench.next(task, stopped.checkpoint));
  REQUIRE(outcome.kind == job::Outcome::Kind::delivered);
  CHECK(outcome.fetched == outcome.size - stopped.checkpoint.durable());
  CHECK(bench.bytes(outcome) == text("Archivo2.txt"));
}

TEST_CASE("sim: without a name is refused") {
  Bench bench;
  const auto outcome = bench.run(bench.task("sim:"));
  REQUIRE(outcome.kind == job::Outcome::Kind::failed);
  CHECK(outcome.failure->retry_class == job::RetryClass::none);
}
