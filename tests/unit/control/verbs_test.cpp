#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include "protocol/codec.hpp"
#include "support/catch.hpp"
#include "wire.hpp"

using namespace concd;
using namespace concd::control;
using job::JobEventKind;
using job::State;
using nlohmann::json;

TEST_CASE("a verb with an id asks the backend for the caller, and replies the job") {
  Wire wire;
  wire.backend.add(7, State::paused);
  Caller caller(wire);
  const std::vector<std::pair<std::string, std::string>> verbs{{"Cancel", "cancel"},
                                                               {"Pause", "pause"},
                                                               {"Resume", "resume"},
                                                               {"Retry", "retry"},
                                                               {"Release", "release"}};
  for (const auto& [method, verb] : verbs) {
    wire.backend.peer = {};
    const auto reply = caller.ask("io.concd." + method, {{"id", 7}});
    CHECK(reply["parameters"]["job"]["state"] == "paused");
    CHECK(wire.backend.calls.back() == verb + " 7");
    CHECK(wire.backend.peer.uid == ::getuid());
    CHECK(wire.backend.peer.gid == ::getgid());
    CHECK(wire.backend.peer.pid == ::getpid());
  }
  CHECK(caller.ask("io.concd.Get", {{"id", 7}})["parameters"]["job"]["id"] == 7);
  const auto reply = caller.ask("io.concd.Priority", {{"id", 7}, {"priority", "foreground"}});
  CHECK(reply["parameters"]["job"]["priority"] == "foreground");
  CHECK(wire.backend.calls.back() == "priority 7");
}

TEST_CASE("a refusal is the error of its name") {
  Wire wire;
  wire.backend.add(7, State::done);
  wire.backend.refusal = WrongState{7, State::done, "Pause"};
  Caller caller(wire);
  for (const auto* method :
       {"Download", "Get", "Cancel", "Pause", "Resume", "Retry", "Priority", "OpenResult", "Release"}) {
    INFO(method);
    auto parameters = std::string_view(method) == "Download" ? json{{"source", "a"}} : json{{"id", 7}};
    if (std::string_view(method) == "Priority") parameters["priority"] = "low";
    const auto reply = caller.ask(std::string("io.concd.") + method, parameters);
    CHECK(reply["error"] == "io.concd.WrongState");
    CHECK(reply["parameters"] == json{{"id", 7}, {"state", "done"}, {"verb", "Pause"}});
  }
}

TEST_CASE("Download hands all of the request over") {
  Wire wire;
  Caller caller(wire);
  const json parameters{{"source", "https://me:pw@h/f?q"},
                        {"executor", "process"},
                        {"digest", "md5:0123456789ABCDEF0123456789abcdef"},
                        {"output", "/tmp/f"},
                        {"token", "t"},
                        {"priority", "low"},
                        {"force", true}};
  const auto reply = caller.ask("io.concd.Download", parameters);
  CHECK(reply["parameters"]["id"] == 1);
  CHECK(reply["parameters"]["job"]["id"] == 1);
  CHECK_FALSE(reply.contains("continues"));
  const auto& request = wire.backend.request;
  CHECK(request.source == "https://me:pw@h/f?q");
  CHECK(request.executor == job::ExecutorKind::process);
  CHECK(request.digest->hex == "0123456789abcdef0123456789abcdef");
  CHECK(request.output == "/tmp/f");
  CHECK(request.token == "t");
  CHECK(request.priority == job::Priority::low);
  CHECK(request.force);
}

TEST_CASE("Download with more streams until the job has ended") {
  Wire wire;
  Caller caller(wire);
  caller.call("io.concd.Download", {{"source", "a"}}, "more");
  CHECK(caller.receive()["continues"] == true);
  wire.backend.add(2, State::running);
  wire.change(1, State::running, JobEventKind::started);
  wire.change(2, State::done, JobEventKind::done);
  wire.change(1, State::running, JobEventKind::progress);
  wire.change(1, State::failed, JobEventKind::failed);
  wire.change(1, State::queued, JobEventKind::resumed);
  for (const auto* state : {"running", "running", "failed"}) {
    const auto reply = caller.receive();
    CHECK(reply["parameters"]["job"]["state"] == state);
    CHECK(reply.value("continues", false) == (state != std::string_view("failed")));
  }
  CHECK(caller.silent());
  CHECK(caller.ask("io.concd.Status")["parameters"]["pid"] == ::getpid());
}

TEST_CASE("Download of what is present ends at once, with more as well") {
  Wire wire;
  Caller caller(wire);
  caller.call("io.concd.Download", {{"source", "present"}}, "more");
  const auto reply = caller.receive();
  CHECK(reply["parameters"]["job"]["state"] == "done");
  CHECK_FALSE(reply.contains("continues"));
}

TEST_CASE("Wait replies when the last of the jobs has ended") {
  Wire wire;
  wire.backend.add(1, State::done);
  wire.backend.add(2, State::running);
  wire.backend.add(3, State::paused);
  Caller caller(wire);
  caller.call("io.concd.Wait", {{"ids", {3, 1, 2, 3}}});
  CHECK(caller.silent());
  wire.change(2, State::failed, JobEventKind::failed);
  wire.change(3, State::queued, JobEventKind::resumed);
  CHECK(caller.silent());
  wire.change(3, State::cancelled, JobEventKind::cancelled);
  const auto jobs = caller.receive()["parameters"]["jobs"];
  REQUIRE(jobs.size() == 4);
  CHECK(jobs[0]["state"] == "cancelled");
  CHECK(jobs[1]["state"] == "done");
  CHECK(jobs[2]["state"] == "failed");
  CHECK(jobs[3] == jobs[0]);
}

TEST_CASE("Wait with more tells how they stand, then each change, then all") {
  Wire wire;
  wire.backend.add(1, State::done);
  wire.backend.add(2, State::queued);
  Caller caller(wire);
  caller.call("io.concd.Wait", {{"ids", {1, 2}}}, "more");
  CHECK(caller.receive()["parameters"]["jobs"].size() == 2);
  wire.change(2, State::running, JobEventKind::started);
  const auto change = caller.receive();
  CHECK(change["continues"] == true);
  REQUIRE(change["parameters"]["jobs"].size() == 1);
  CHECK(change["parameters"]["jobs"][0]["state"] == "running");
  wire.change(2, State::done, JobEventKind::done);
  const auto last = caller.receive();
  CHECK_FALSE(last.contains("continues"));
  CHECK(last["parameters"]["jobs"].size() == 2);
}

TEST_CASE("Wait for what has ended, or for nothing, replies at once") {
  Wire wire;
  wire.backend.add(1, State::done);
  wire.backend.add(2, State::failed);
  Caller caller(wire);
  CHECK(caller.ask("io.concd.Wait", {{"ids", {1, 2}}})["parameters"]["jobs"].size() == 2);
  CHECK(caller.ask("io.concd.Wait", {{"ids", json::array()}})["parameters"]["jobs"].empty());
}

TEST_CASE("Wait for a job that does not exist is refused, and only once") {
  Wire wire;
  wire.backend.add(1, State::running);
  Caller caller(wire);
  const auto reply = caller.ask("io.concd.Wait", {{"ids", {1, 8, 9}}});
  CHECK(reply["error"] == "io.concd.NoSuchJob");
  CHECK(reply["parameters"]["id"] == 8);
  wire.change(1, State::done, JobEventKind::done);
  CHECK(caller.silent());
}

TEST_CASE("Wait misses no change that comes while it looks the jobs up") {
  Wire wire;
  wire.backend.add(1, State::running);
  wire.backend.add(2, State::done);
  wire.backend.hold = true;
  Caller caller(wire);
  caller.call("io.concd.Wait", {{"ids", {1, 2}}});
  wire.until([&] { return wire.backend.held() == 2; });
  wire.change(1, State::done, JobEventKind::done);
  // The lookup's answer is older than the change.
  wire.backend.jobs.at(1).state = State::running;
  wire.backend.answer_one();
  wire.backend.answer_one();
  CHECK(caller.receive()["parameters"]["jobs"][0]["state"] == "done");
}

TEST_CASE("a job that is retried while others are waited for is waited for again") {
  Wire wire;
  wire.backend.add(1, State::failed);
  wire.backend.add(2, State::running);
  Caller caller(wire);
  caller.call("io.concd.Wait", {{"ids", {1, 2}}});
  wire.settle();
  wire.change(1, State::queued, JobEventKind::resumed);
  wire.change(2, State::done, JobEventKind::done);
  CHECK(caller.silent());
  wire.change(1, State::done, JobEventKind::done);
  CHECK(caller.receive()["parameters"]["jobs"][0]["state"] == "done");
}

TEST_CASE("Monitor tells every change until the caller hangs up, and needs more") {
  Wire wire;
  wire.backend.add(1, State::queued);
  Caller caller(wire), plain(wire);
  CHECK(plain.ask("io.concd.Monitor")["error"] == "org.varlink.service.ExpectedMore");
  caller.call("io.concd.Monitor", json::object(), "more");
  wire.settle();
  wire.change(1, State::running, JobEventKind::started);
  wire.change(1, State::done, JobEventKind::done);
  CHECK(caller.receive()["parameters"]["event"] == "started");
  const auto last = caller.receive();
  CHECK(last["parameters"]["job"]["state"] == "done");
  CHECK(last["continues"] == true);
  CHECK(wire.server->sessions() == 2);
  caller.hang_up();
  wire.change(1, State::queued, JobEventKind::resumed);
  wire.until([&] { return wire.server->sessions() == 1; });
  wire.change(1, State::running, JobEventKind::started);
}

TEST_CASE("a change that is told in the middle of a reply reaches the others and breaks nothing") {
  Wire wire;
  wire.backend.add(1, State::running);
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < 10; ++i) {
    callers.push_back(std::make_unique<Caller>(wire));
    callers.back()->call("io.concd.Wait", {{"ids", {1}}});
    callers.back()->call("io.concd.Retry", {{"id", 1}});
  }
  wire.settle();
  callers[3]->hang_up();
  wire.change(1, State::failed, JobEventKind::failed);
  // Nobody's next call may be begun while the others have not heard yet.
  CHECK(wire.backend.calls.back() == "get 1");
  for (std::size_t i = 0; i < callers.size(); ++i) {
    if (i == 3) continue;
    CHECK(callers[i]->receive()["parameters"]["jobs"][0]["state"] == "failed");
    CHECK(callers[i]->receive()["parameters"]["job"]["id"] == 1);
  }
}

TEST_CASE("List, Status and Catalog") {
  Wire wire;
  wire.backend.add(4, State::queued);
  wire.backend.add(5, State::queued);
  Caller caller(wire);
  const auto jobs = caller.ask("io.concd.List", {{"finished", true}, {"limit", 5}, {"before", 9}});
  CHECK(jobs["parameters"]["jobs"][0]["id"] == 4);
  CHECK(jobs["parameters"]["jobs"][1]["id"] == 5);
  CHECK(wire.backend.query.finished);
  CHECK(wire.backend.query.limit == 5);
  CHECK(wire.backend.query.before == 9);
  const auto status = caller.ask("io.concd.Status")["parameters"];
  CHECK(status["version"] == CONCD_VERSION);
  CHECK(status["active"] == 3);
  CHECK(caller.ask("io.concd.Catalog")["parameters"]["entries"][0]["name"] == "Archivo1.txt");
}

TEST_CASE("a catalog that does not fit into one message comes in parts") {
  Wire wire;
  wire.backend.names.clear();
  for (int i = 0; i < 6000; ++i) wire.backend.names.push_back(fmt::format("{:0250}", i));
  Caller caller(wire);
  std::vector<std::string> got;
  for (json query = json::object();; query = {{"after", got.back()}}) {
    const auto entries = caller.ask("io.concd.Catalog", query)["parameters"]["entries"];
    if (entries.empty()) break;
    CHECK(entries.size() < wire.backend.names.size());
    for (const auto& entry : entries) got.push_back(entry["name"]);
  }
  CHECK(got == wire.backend.names);
}
