#include <algorithm>
#include <csignal>

#include "client_case.hpp"
#include "fake_jobs.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::test;

TEST_CASE_METHOD(ClientCase, "a verb on many jobs does all it can, the first refusal decides") {
  for (const auto& [verb, method] : {std::pair{"cancel", "Cancel"}, std::pair{"pause", "Pause"},
                                     std::pair{"resume", "Resume"}, std::pair{"retry", "Retry"}}) {
    daemon.on(method, [name = std::string(verb)](const FakeCall& call) {
      const auto id = call.parameters.at("id").get<job::Id>();
      if (id == 1) return call.refuse(protocol::NotPermitted{"it is somebody else's"});
      if (id == 2) return call.refuse(protocol::WrongState{2, job::State::done, name});
      call.reply(protocol::encode_job_reply(make_job(id, "a", job::State::queued)));
    });
    const auto ended = run({verb, "1", "2", "3"});
    CHECK(ended.code == 13);
    CHECK(ended.out.empty());
    CHECK_THAT(ended.err, ContainsSubstring("concctl: job 3 (a): queued"));
    CHECK(daemon.calls(method).size() == 3);
    CHECK(run({verb, "-q", "3"}).err.empty());
    CHECK(nlohmann::json::parse(run({verb, "--json", "3"}).out).at("id") == 3);
  }
}

TEST_CASE_METHOD(ClientCase, "a job that cannot be read hides no other one") {
  auto jobs = protocol::encode_jobs({make_job(7, "a"), make_job(8, "b"), make_job(9, "c")});
  jobs["jobs"][1]["total"] = std::numeric_limits<std::uint64_t>::max();
  daemon.on("List", [jobs](const FakeCall& call) {
    call.reply(call.parameters.contains("before") ? protocol::encode_jobs({}) : jobs);
  });
  for (const auto& arguments :
       {std::vector<std::string>{"list"}, std::vector<std::string>{"list", "--json"}}) {
    const auto ended = run(arguments);
    CHECK(ended.code == 0);
    CHECK(occurrences(ended.out, "running") == 2);
    CHECK_THAT(ended.err, ContainsSubstring("jobs left out because they cannot be read: 1"));
  }
  daemon.on("Get", [jobs](const FakeCall& call) {
    call.reply({{"job", jobs.at("jobs").at(call.parameters.at("id").get<std::size_t>() - 7)}});
  });
  const auto ended = run({"show", "7", "8", "9"});
  CHECK(ended.code == 1);
  CHECK(occurrences(ended.out, "running") == 2);
  CHECK_THAT(ended.err, ContainsSubstring("job 8: "));
}

TEST_CASE_METHOD(ClientCase, "list shows a table, unfinished jobs unless told otherwise") {
  auto job = make_job(7, "https://origin/a\x1b[2Jb");
  job.progress = {512, 1024, 2048};
  daemon.on("List", [job](const FakeCall& call) {
    const bool first = !call.parameters.contains("before");
    call.reply(protocol::encode_jobs(first ? std::vector{job} : std::vector<job::View>{}));
  });
  const auto ended = run({"list"});
  CHECK(ended.code == 0);
  CHECK(ended.out ==
        "ID  STATE    PROGRESS     SIZE       RATE  NAME OR URL\n"
        " 7  running       50%  1.0 KiB  2.0 KiB/s  https://origin/a\\x1B[2Jb\n");
  CHECK(run({"list", "--all", "--json"}).out.starts_with("{\""));
  const auto calls = daemon.calls("List");
  CHECK_FALSE(calls.at(0).parameters.value("finished", false));
  CHECK(calls.at(1).parameters.at("before") == 7);
  CHECK(calls.at(2).parameters.at("finished") == true);
}

TEST_CASE_METHOD(ClientCase, "list --all goes on to the newest thousand, however few fit a message") {
  daemon.on("List", [](const FakeCall& call) {
    const auto before = call.parameters.value("before", job::Id{2001});
    const auto limit = call.parameters.at("limit").get<job::Id>();
    std::vector<job::View> page;
    for (auto id = before - std::min(limit, job::Id{300}); id < before; ++id)
      page.push_back(make_job(id, "a"));
    call.reply(protocol::encode_jobs(page));
  });
  const auto out = run({"list", "--all", "--json"}).out;
  CHECK(std::ranges::count(out, '\n') == 1000);
  CHECK(nlohmann::json::parse(out.substr(0, out.find('\n'))).at("id") == 1001);
  const auto calls = daemon.calls("List");
  REQUIRE(calls.size() == 4);
  CHECK(calls[3].parameters == nlohmann::json{{"finished", true}, {"limit", 100}, {"before", 1101}});
}

TEST_CASE_METHOD(ClientCase, "list says why a job does not run") {
  const auto waiting = make_retrying(7, "a", "connection refused", Microseconds(1));
  const auto queued = make_waiting(8, "b", place(job::WaitKind::slot, "queue.active", 32));
  const auto failed = make_failed(9, "c", job::FailureKind::server, "404 Not Found");
  daemon.on("List", [=](const FakeCall& call) {
    const bool first = !call.parameters.contains("before");
    call.reply(
        protocol::encode_jobs(first ? std::vector{waiting, queued, failed} : std::vector<job::View>{}));
  });
  const auto out = run({"list", "--all"}).out;
  CHECK_THAT(out, ContainsSubstring(" a\n    connection refused; next try in 0s\n"));
  CHECK_THAT(out, ContainsSubstring(" b\n    waits for a place: 32 transfers are running (queue.active)\n"));
  CHECK_THAT(out, ContainsSubstring(" c\n    404 Not Found\n"));
}

TEST_CASE_METHOD(ClientCase, "show tells all that is known, and why a job waits") {
  auto job = make_retrying(7, "Archivo1.txt", "connection refused");
  job.priority = job::Priority::high;
  job.attempts = 3;
  job.failure =
      job::Failure{job::FailureKind::server, job::RetryClass::retry, "the server answered 503", 503, {}};
  daemon.on("Get", tell(job));
  const auto out = run({"show", "7"}).out;
  for (const auto* part :
       {"Job:", "Source:", "Archivo1.txt", "State:", "waiting", "Reason:", "connection refused",
        "Priority:", "high", "Failure:", "the server answered 503 (server, 503)", "Attempts:", "3"})
    CHECK_THAT(out, ContainsSubstring(part));
  CHECK(nlohmann::json::parse(run({"show", "7", "--json"}).out).at("wait").at("message") ==
        "connection refused");
  daemon.on("Get", tell(make_job(7, "a")));
  CHECK_THAT(run({"show", "7"}).out, !ContainsSubstring("Priority:"));
}

TEST_CASE_METHOD(ClientCase, "priority sets the level of jobs and says it") {
  daemon.on("Priority", [](const FakeCall& call) {
    auto job = make_job(call.parameters.at("id").get<job::Id>(), "a", job::State::queued);
    job.priority = job::priority_from_string(call.parameters.at("priority").get<std::string>()).value();
    call.reply(protocol::encode_job_reply(job));
  });
  const auto ended = run({"priority", "high", "7", "8"});
  CHECK(ended.code == 0);
  CHECK(ended.out.empty());
  CHECK(ended.err ==
        "concctl: job 7 (a): queued, priority high\nconcctl: job 8 (a): queued, priority high\n");
  CHECK(daemon.calls("Priority").at(1).parameters == nlohmann::json{{"id", 8}, {"priority", "high"}});
  CHECK(nlohmann::json::parse(run({"priority", "low", "7", "--json"}).out).at("priority") == "low");
}

TEST_CASE_METHOD(ClientCase, "status, catalog and version are for people and for programs") {
  protocol::Status status;
  status.version = "9.9";
  status.pid = 4711;
  status.rate = 2048;
  daemon.on("Status", [status](const FakeCall& call) { call.reply(protocol::encode_status(status)); });
  protocol::CatalogItem item;
  item.name = "Archivo1.txt";
  item.description = "by a thread";
  item.urls = {"sim:Archivo1.txt"};
  auto second = item;
  second.name = "Archivo2.txt";
  daemon.on("Catalog", [item, second](const FakeCall& call) {
    const auto after = call.parameters.value("after", "");
    call.reply(protocol::encode_catalog(after.empty()             ? std::vector{item}
                                        : after == "Archivo1.txt" ? std::vector{second}
                                                                  : std::vector<protocol::CatalogItem>{}));
  });

  CHECK_THAT(run({"status"}).out, ContainsSubstring("4711"));
  CHECK_THAT(run({"status"}).out, ContainsSubstring("2.0 KiB/s"));
  CHECK(nlohmann::json::parse(run({"status", "--json"}).out).at("pid") == 4711);
  CHECK_THAT(run({"catalog"}).out, ContainsSubstring("Archivo1.txt"));
  CHECK_THAT(run({"catalog"}).out, ContainsSubstring("Archivo2.txt"));
  const auto lines = run({"catalog", "--json"}).out;
  CHECK(nlohmann::json::parse(lines.substr(0, lines.find('\n'))).at("name") == "Archivo1.txt");
  CHECK(nlohmann::json::parse(lines.substr(lines.find('\n'))).at("name") == "Archivo2.txt");
  CHECK(run({"version"}).out == "concctl " CONCD_VERSION "\nconcd 9.9\n");
  CHECK(nlohmann::json::parse(run({"version", "--json"}).out).at("concd") == "9.9");
}

TEST_CASE_METHOD(ClientCase, "without a daemon the client still tells its own version") {
  daemon.stop();
  const auto ended = run({"version"});
  CHECK(ended.code == 11);
  CHECK(ended.out == "concctl " CONCD_VERSION "\n");
}

TEST_CASE_METHOD(ClientCase, "a daemon that stops during a call does not count as success") {
  daemon.on("Status", [](const FakeCall& call) { call.refuse(protocol::ShuttingDown{}); });
  CHECK(run({"status"}).code == 11);
  daemon.on("Status", [](const FakeCall& call) { call.session->hang_up(); });
  CHECK(run({"status"}).code == 11);
}

TEST_CASE_METHOD(ClientCase, "a call that a stopping daemon did not read is asked of the next one") {
  daemon.on("Catalog", [this](const FakeCall& call) {
    if (daemon.calls("Catalog").size() == 1) return call.session->hang_up();
    call.reply({{"entries", nlohmann::json::array()}});
  });
  CHECK(run({"catalog"}).code == 0);
  CHECK(daemon.calls("Catalog").size() == 2);
}

TEST_CASE_METHOD(ClientCase, "monitor prints an event a line through a restart, until ^C") {
  daemon.on("Monitor", [](const FakeCall& call) {
    call.reply(protocol::encode_event({job::JobEventKind::started, make_job(7, "a")}), true);
  });
  ConcctlProcess process(folder, {"monitor"});
  daemon.wait_for("Monitor");
  daemon.stop();
  daemon.on("Monitor", nullptr);
  daemon.start();
  const auto call = daemon.wait_for("Monitor", 2).at(1);
  CHECK(call.more);
  process.signal(SIGINT);
  const auto ended = process.wait();
  CHECK(ended.code == 0);
  CHECK_THAT(ended.out, ContainsSubstring("  7  started  a  "));
  CHECK(std::ranges::count(ended.out, '\n') == 1);
}

TEST_CASE_METHOD(ClientCase, "monitor passes over events of a kind that only a newer concctl knows") {
  daemon.on("Monitor", [](const FakeCall& call) {
    auto event = protocol::encode_event({job::JobEventKind::started, make_job(7, "a")});
    event["event"] = "odd";
    call.reply(event, true);
    call.reply(protocol::encode_event({job::JobEventKind::queued, make_job(8, "b")}), true);
    call.refuse(protocol::NotPermitted{"enough"});
  });
  const auto ended = run({"monitor"});
  CHECK(ended.code == 13);
  CHECK_THAT(ended.out, ContainsSubstring("  8  queued  b  "));
  CHECK(std::ranges::count(ended.out, '\n') == 1);
}

TEST_CASE_METHOD(ClientCase, "a state that only a newer concctl knows is an error that says so") {
  auto reply = protocol::encode_jobs({make_job(7, "a")});
  reply["jobs"][0]["state"] = "odd";
  const nlohmann::json one{{"job", reply["jobs"][0]}};
  daemon.on("List", [reply](const FakeCall& call) {
    call.reply(call.parameters.contains("before") ? protocol::encode_jobs({}) : reply);
  });
  daemon.on("Get", [one](const FakeCall& call) { call.reply(one); });
  daemon.on("Download", [one](const FakeCall& call) { call.reply(one); });
  for (const auto& words : {std::vector<std::string>{"list"}, {"show", "7"}, {"download", "a"}}) {
    INFO(words.front());
    const auto ended = run(words);
    CHECK(ended.code == (words.front() == "list" ? 0 : 1));
    CHECK_THAT(ended.err, ContainsSubstring("this concctl is older than concd"));
  }
}

TEST_CASE_METHOD(ClientCase, "output that cannot be written is an error") {
  daemon.on("Status", [](const FakeCall& call) { call.reply(protocol::encode_status({})); });
  const auto ended = ConcctlProcess(folder, {"status"}, "/dev/full").wait();
  CHECK(ended.code == 3);
}
