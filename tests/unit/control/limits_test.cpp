#include <array>
#include <cstring>
#include <numeric>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>

#include "control/session.hpp"
#include "support/catch.hpp"
#include "wire.hpp"

using namespace concd;
using namespace concd::control;
using job::JobEventKind;
using nlohmann::json;

namespace {

const auto k_list = protocol::encode_frame(R"({"method":"io.concd.List","parameters":{"finished":true}})");

/// A shell's soft limit is below what these tests need: takes what the hard one allows.
rlim_t allow_descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

/// Gives the backend so many ended jobs with a source of so many bytes each.
void fill(Wire& wire, int jobs, std::size_t source) {
  for (int id = 1; id <= jobs; ++id) wire.backend.add(id, job::State::done).source = std::string(source, 'x');
}

}  // namespace

TEST_CASE("a reader that never reads loses its own connection, by what must arrive only") {
  Wire wire;
  wire.backend.add(1, job::State::running).path = std::string(1000, 'x');
  Caller slow(wire), other(wire);
  slow.call("io.concd.Monitor", json::object(), "more");
  wire.settle();
  for (int i = 0; i < 20'000; ++i) wire.change(1, job::State::running, JobEventKind::progress);
  wire.settle();
  REQUIRE(wire.server->sessions() == 2);
  for (int i = 0; i < 20'000 && wire.server->sessions() == 2; ++i)
    wire.change(1, job::State::running, JobEventKind::started);
  CHECK(wire.server->sessions() == 1);
  CHECK(other.ask("io.concd.Status")["parameters"].contains("pid"));
}

TEST_CASE("a last reply that is more than its reader may leave unread ends the session, not the daemon") {
  Wire wire;
  wire.backend.add(1, job::State::done).path = std::string(900'000, 'x');
  wire.backend.add(2, job::State::running).path = std::string(90'000, 'x');
  Caller slow(wire), other(wire);
  slow.call("io.concd.Wait", {{"ids", {1, 2}}}, "more");
  wire.settle();
  for (int i = 0; i < 32; ++i) wire.change(2, job::State::running, JobEventKind::started);
  REQUIRE(wire.server->sessions() == 2);
  CHECK_NOTHROW(wire.change(2, job::State::done, JobEventKind::done));
  CHECK(wire.server->sessions() == 1);
  CHECK(other.ask("io.concd.Status")["parameters"].contains("pid"));
}

TEST_CASE("a last reply that is longer than a frame ends the session, not the daemon") {
  Wire wire;
  wire.backend.hold = true;
  wire.backend.add(1, job::State::done).path = std::string(2 << 20, 'x');
  Caller caller(wire), other(wire);
  caller.call("io.concd.Get", {{"id", 1}});
  wire.until([&] { return wire.backend.held() == 1; });
  CHECK_NOTHROW(wire.backend.answer_one());
  CHECK(caller.receive() == nullptr);
  CHECK(other.ask("io.concd.Status")["parameters"].contains("pid"));
  CHECK(wire.server->sessions() == 1);
}

TEST_CASE("a last reply that finds its reader gone ends the session, not the daemon") {
  Wire wire;
  wire.backend.add(1, job::State::running).path = std::string(2 * k_output_watermark, 'x');
  Caller caller(wire), other(wire);
  caller.call("io.concd.Wait", {{"ids", {1}}}, "more");
  wire.settle();
  caller.hang_up();
  CHECK_NOTHROW(wire.change(1, job::State::done, JobEventKind::done));
  CHECK(other.ask("io.concd.Status")["parameters"].contains("pid"));
  wire.until([&] { return wire.server->sessions() == 1; });
}

TEST_CASE("a reader that reads late misses progress and no change of state") {
  Wire wire;
  wire.backend.add(1, job::State::running).path = std::string(1000, 'x');
  Caller late(wire);
  late.call("io.concd.Monitor", json::object(), "more");
  wire.settle();
  for (int i = 0; i < 2000; ++i) wire.change(1, job::State::running, JobEventKind::progress);
  for (int i = 0; i < 100; ++i) wire.change(1, job::State::waiting, JobEventKind::waiting);
  int progress = 0, waiting = 0;
  while (waiting < 100) {
    const auto event = late.receive()["parameters"]["event"];
    progress += event == "progress" ? 1 : 0;
    waiting += event == "waiting" ? 1 : 0;
  }
  CHECK(progress < 2000);
  wire.change(1, job::State::running, JobEventKind::progress);
  CHECK(late.receive()["parameters"]["event"] == "progress");
}

TEST_CASE("a caller that pipelines and does not read is not computed for, and is answered when it reads") {
  Wire wire;
  fill(wire, 1000, 3000);
  Caller caller(wire);
  std::string calls;
  for (int i = 0; i < 10; ++i) calls += k_list;
  caller.send(calls);
  caller.call("io.concd.Cancel", {{"id", 1}});
  wire.settle();
  CHECK(wire.backend.calls.empty());
  REQUIRE(wire.server->sessions() == 1);
  for (int i = 0; i < 10; ++i) CHECK(caller.receive()["parameters"]["jobs"].size() > 100);
  CHECK(caller.receive()["parameters"]["job"]["id"] == 1);
}

TEST_CASE("a file comes as a read-only descriptor with its reply, and the daemon keeps none") {
  Wire wire;
  const test::TemporaryFolder folder;
  wire.backend.result_file = folder.write("file", "12345");
  Caller caller(wire);
  wire.settle();
  const auto before = open_descriptors();
  for (int i = 0; i < 100; ++i) {
    const auto reply = caller.ask("io.concd.OpenResult", {{"id", 7}});
    CHECK(reply["parameters"] == json{{"fd", 0}, {"name", "file.txt"}, {"size", 5}, {"mtime", 9}});
    REQUIRE(caller.descriptors.size() == 1);
    std::array<char, 8> text{};
    CHECK(::pread(caller.descriptors[0].get(), text.data(), text.size(), 0) == 5);
    CHECK(std::strcmp(text.data(), "12345") == 0);
    CHECK((::fcntl(caller.descriptors[0].get(), F_GETFL) & O_ACCMODE) == O_RDONLY);
    caller.descriptors.clear();
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("a caller that asks for files and does not take them does not use up the daemon's descriptors") {
  Wire wire;
  fill(wire, 100, 4000);
  Caller caller(wire);
  wire.settle();
  const auto before = open_descriptors();
  // The list is more than the kernel takes at once, so that the files queue up behind it.
  std::string calls = k_list;
  for (int i = 0; i < 1000; ++i)
    calls += protocol::encode_frame(R"({"method":"io.concd.OpenResult","parameters":{"id":7}})");
  caller.send(calls);
  wire.settle();
  CHECK(open_descriptors() <= before + 1);
  CHECK(caller.receive()["parameters"]["jobs"].size() == 100);
  for (int i = 0; i < 1000; ++i) CHECK(caller.receive()["parameters"]["fd"] == 0);
  CHECK(caller.descriptors.size() == 1000);
  caller.hang_up();
  caller.descriptors.clear();
  wire.until([&] { return wire.server->sessions() == 0; });
  CHECK(open_descriptors() == before - 2);
}

TEST_CASE("a thousand connections come and go, and leave nothing") {
  REQUIRE(allow_descriptors() > 3000);
  Wire wire;
  wire.settle();
  const auto before = open_descriptors();
  {
    std::vector<std::unique_ptr<Caller>> callers;
    for (int i = 0; i < 1000; ++i) {
      callers.push_back(std::make_unique<Caller>(wire));
      callers.back()->call("io.concd.Monitor", json::object(), "more");
    }
    wire.until([&] { return wire.server->sessions() == 1000; });
    wire.settle();
    wire.backend.add(1, job::State::queued);
    wire.change(1, job::State::done, JobEventKind::done);
    for (auto& caller : callers) CHECK(caller->receive()["parameters"]["event"] == "done");
  }
  wire.until([&] { return wire.server->sessions() == 0; });
  CHECK(open_descriptors() == before);
}

TEST_CASE("who is one connection too many is told so, and turned away") {
  Wire wire;
  wire.server->set_limits({.connections = 20, .connections_per_user = 20});
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < 30; ++i) callers.push_back(std::make_unique<Caller>(wire));
  wire.settle();
  CHECK(wire.server->sessions() == 20);
  const auto last_word = callers.back()->receive();
  CHECK(last_word["error"] == "io.concd.LimitReached");
  CHECK(last_word["parameters"]["most"] == 20);
  CHECK(callers.back()->receive() == nullptr);
  callers.front()->hang_up();
  wire.until([&] { return wire.server->sessions() < 20; });
  Caller caller(wire);
  CHECK(caller.ask("io.concd.Status")["parameters"].contains("pid"));
}

TEST_CASE(
    "a user who sends a thousand calls on each of many connections does not delay whoever comes later") {
  Wire wire;
  wire.backend.add(1, job::State::queued);
  std::string calls;
  for (int i = 0; i < 1000; ++i)
    calls += protocol::encode_frame(R"({"method":"io.concd.Get","parameters":{"id":1}})");
  std::vector<std::unique_ptr<Caller>> greedy;
  for (int i = 0; i < 20; ++i) {
    greedy.push_back(std::make_unique<Caller>(wire));
    greedy.back()->send(calls);
  }
  Caller late(wire);
  CHECK(late.ask("io.concd.Status")["parameters"].contains("pid"));
  // One turn of each of the others at most.
  CHECK(wire.backend.calls.size() <= 2U * 20 * k_calls_a_turn);
}

TEST_CASE("when descriptors run out, accepting pauses without spinning and goes on later") {
  Wire wire;
  const auto waiting = wire.connect();
  rlimit old{};
  ::getrlimit(RLIMIT_NOFILE, &old);
  const auto lowest_free = static_cast<rlim_t>(UniqueFd(::dup(0)).get());
  const rlimit low{lowest_free, old.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &low);
  wire.turn();
  // Had accepting not paused, the waiting connection would make every turn one with something to do.
  const auto idle = sd_event_run(wire.loop.raw(), 0);
  ::setrlimit(RLIMIT_NOFILE, &old);
  CHECK(idle == 0);
  CHECK(wire.server->sessions() == 0);
  wire.until([&] { return wire.server->sessions() == 1; });
}

TEST_CASE("after stop_accepting the open connections go on and there are no new ones") {
  Wire wire;
  Caller caller(wire);
  CHECK(caller.ask("io.concd.Status")["parameters"].contains("pid"));
  wire.server->stop_accepting();
  wire.server->stop_accepting();
  CHECK_THROWS_AS(wire.connect(), std::system_error);
  CHECK(caller.ask("io.concd.Status")["parameters"].contains("pid"));
}

TEST_CASE("a List has as many of the newest jobs as fit into a message") {
  Wire wire;
  fill(wire, 1000, 3000);
  Caller caller(wire);
  const auto jobs = caller.ask("io.concd.List", {{"finished", true}})["parameters"]["jobs"];
  REQUIRE(jobs.size() > 200);
  REQUIRE(jobs.size() < 1000);
  for (std::size_t i = 0; i < jobs.size(); ++i) CHECK(jobs[i]["id"] == 1000 - jobs.size() + 1 + i);
}

TEST_CASE("a Wait whose jobs do not fit into a message is refused") {
  Wire wire;
  fill(wire, 1000, 3000);
  std::vector<int> ids(1000);
  std::iota(ids.begin(), ids.end(), 1);
  Caller caller(wire);
  CHECK(caller.ask("io.concd.Wait", {{"ids", ids}})["parameters"]["parameter"] == "ids");
  CHECK(caller.ask("io.concd.Status")["parameters"].contains("pid"));
}
