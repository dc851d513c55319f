#include <csignal>

#include <sys/stat.h>

#include "client_case.hpp"
#include "fake_jobs.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::test;
using enum concd::job::State;

namespace {

constexpr const char* k_url = "https://origin/big.iso?key=secret";

}  // namespace

TEST_CASE_METHOD(ClientCase, "a name's place in the library is printed") {
  daemon.on("Download", accept(make_job(7, "Archivo1.txt", done)));
  const auto ended = run({"download", "Archivo1.txt"});
  CHECK(ended.code == 0);
  CHECK(ended.out == "/library/Archivo1.txt\n");
  CHECK(ended.err.empty());
  const auto asked = daemon.calls("Download").at(0).parameters;
  CHECK(asked.at("token").get<std::string>().size() == 32);
  CHECK_FALSE(asked.contains("output"));
}

TEST_CASE_METHOD(ClientCase,
                 "a URL's file is brought to the current folder, and the daemon may drop its own") {
  const auto file = folder.write("result", "the content");
  daemon.on("Download", accept(make_job(7, k_url)));
  daemon.on("Wait", end_with({make_job(7, k_url, done)}));
  daemon.on("OpenResult", hand_out(file, 11, "big.iso"));
  daemon.on("Release", tell(make_job(7, k_url, done)));
  const auto ended = run({"download", k_url});
  CHECK(ended.code == 0);
  CHECK(ended.out == (home / "big.iso").string() + "\n");
  CHECK(ended.err.empty());
  CHECK(read_text(home / "big.iso") == "the content");
  CHECK(daemon.calls("Download").at(0).parameters.at("output") == (home / "big.iso").string());
  CHECK(daemon.calls("Release").size() == 1);
}

TEST_CASE_METHOD(ClientCase, "a path that is not UTF-8 is kept as it is, and not told to the daemon") {
  const auto file = folder.write("result", "new");
  daemon.on("Download", accept(make_job(7, k_url, done)));
  daemon.on("OpenResult", hand_out(file, 3, "big.iso"));
  daemon.on("Release", tell(make_job(7, k_url, done)));
  const auto path = home / "a\xFF.iso";
  CHECK(run({"download", k_url, "-o", "a\xFF.iso"}).out == path.string() + "\n");
  CHECK(read_text(path) == "new");
  CHECK_FALSE(daemon.calls("Download").at(0).parameters.contains("output"));
}

TEST_CASE_METHOD(ClientCase, "a file that is there is kept unless forced, and that is said") {
  const auto file = folder.write("result", "new");
  const auto mine = folder.write("home/big.iso", "mine");
  daemon.on("Download", accept(make_job(7, k_url, done)));
  daemon.on("OpenResult", hand_out(file, 3, "big.iso"));
  daemon.on("Release", tell(make_job(7, k_url, done)));
  auto ended = run({"download", k_url});
  CHECK(ended.out == mine.string() + ".1\n");
  CHECK_THAT(ended.err, ContainsSubstring("exists already; saved as " + mine.string() + ".1"));
  CHECK(run({"download", "-q", k_url}).err.empty());
  CHECK(read_text(mine) == "mine");
  ended = run({"download", "--force", k_url});
  CHECK(ended.out == mine.string() + "\n");
  CHECK(read_text(mine) == "new");
}

TEST_CASE_METHOD(ClientCase, "what this run has brought is not replaced, whatever is forced") {
  const auto mine = folder.write("home/e.bin", "mine");
  const std::vector jobs{make_job(7, "http://a/e.bin", done), make_job(8, "http://b/e.bin", done)};
  const std::vector files{folder.write("a", "one"), folder.write("b", "two")};
  daemon.on("Download", accept_all(jobs));
  daemon.on("OpenResult", [files](const FakeCall& call) {
    hand_out(files.at(call.parameters.at("id") == 7 ? 0 : 1), 3, "e.bin")(call);
  });
  daemon.on("Release", tell(jobs.at(0)));
  CHECK(run({"download", "--force", "http://a/e.bin", "http://b/e.bin"}).out ==
        mine.string() + "\n" + mine.string() + ".1\n");
  CHECK(read_text(mine) == "one");
  CHECK(read_text(home / "e.bin.1") == "two");
}

TEST_CASE_METHOD(ClientCase, "a device, a pipe or a socket is no place for a file, forced or not") {
  std::filesystem::create_directories(home);
  const auto pipe = home / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::filesystem::create_symlink("pipe", home / "link");
  for (const auto* output : {"pipe", "link"}) {
    const auto ended = run({"download", k_url, "--force", "-o", output});
    CHECK(ended.code == 3);
    CHECK_THAT(ended.err, ContainsSubstring(std::string(output) + ": a device, a pipe or a socket is there"));
    CHECK(run({"download", k_url, "-o", output}).code == 3);
    CHECK(run({"wait", "7", "-o", output}).code == 3);
  }
  CHECK(daemon.calls("Download").empty());
  // It may come there later.
  const auto job = make_job(7, k_url, done);
  remember(job, pipe);
  daemon.on("Get", tell(job));
  daemon.on("OpenResult", hand_out(folder.write("result", "new"), 3, "big.iso"));
  for (const auto& arguments :
       {std::vector<std::string>{"wait", "7"}, std::vector<std::string>{"wait", "7", "--force"}}) {
    const auto ended = run(arguments);
    CHECK(ended.code == 3);
    CHECK_THAT(ended.err, ContainsSubstring("fetch it with: concctl wait 7"));
  }
  CHECK(std::filesystem::is_fifo(pipe));
  CHECK_FALSE(std::filesystem::exists(home / "pipe.1"));
  CHECK(daemon.calls("Release").empty());
}

TEST_CASE_METHOD(ClientCase, "-o gives the file or its folder, of a name as well") {
  const auto file = folder.write("result", "new");
  std::filesystem::create_directories(home / "sub");
  daemon.on("OpenResult", hand_out(file, 3, "ignored"));
  daemon.on("Release", tell(make_job(7, k_url, done)));
  daemon.on("Download", accept(make_job(7, k_url, done)));
  CHECK(run({"download", k_url, "-o", "other"}).out == (home / "other").string() + "\n");
  CHECK(run({"download", k_url, "-o", "sub"}).out == (home / "sub/big.iso").string() + "\n");
  CHECK(daemon.calls("Release").size() == 2);
  daemon.on("Download", accept(make_job(8, "NAME", done)));
  CHECK(run({"download", "NAME", "-o", "sub"}).out == (home / "sub/NAME").string() + "\n");
  CHECK(daemon.calls("Release").size() == 2);
}

TEST_CASE_METHOD(ClientCase,
                 "many sources run at once, results come in their order, the first that went wrong decides") {
  daemon.on("Download", [](const FakeCall& call) {
    const auto source = call.parameters.at("source").get<std::string>();
    if (source == "b") return call.refuse(protocol::QueueFull{2});
    call.reply(protocol::encode_download_reply(make_job(source == "a" ? 1 : source == "c" ? 3 : 4, source)));
  });
  ConcctlProcess process(folder, {"download", "a", "b", "c", "d"});
  const auto wait = daemon.wait_for("Wait").at(0);
  CHECK(wait.more);
  CHECK(wait.parameters.at("ids") == nlohmann::json{1, 3, 4});
  const auto failed = make_failed(3, "c", job::FailureKind::server, "the server answered 404");
  wait.reply(protocol::encode_jobs({failed}), true);
  wait.reply(protocol::encode_jobs({make_job(4, "d", done)}), true);
  wait.reply(protocol::encode_jobs({make_job(1, "a", done), failed, make_job(4, "d", done)}));
  const auto ended = process.wait();
  CHECK(ended.code == 14);
  CHECK(ended.out == "/library/a\n/library/d\n");
  CHECK_THAT(ended.err, ContainsSubstring("b: the queue is full"));
  CHECK(occurrences(ended.err, "c: the server answered 404") == 1);
}

TEST_CASE_METHOD(ClientCase, "each download has a token of its own") {
  daemon.on("Download", [](const FakeCall& call) {
    call.reply(protocol::encode_download_reply(make_job(1, call.parameters.at("source"), done)));
  });
  CHECK(run({"download", "a", "a"}).code == 0);
  const auto calls = daemon.calls("Download");
  REQUIRE(calls.size() == 2);
  CHECK(calls[0].parameters.at("token") != calls[1].parameters.at("token"));
}

TEST_CASE_METHOD(ClientCase, "without blocking the ids are printed, and nothing is waited for") {
  daemon.on("Download", accept_all({make_job(5, "a"), make_job(6, "b")}));
  const auto ended = run({"download", "--no-block", "a", "b"});
  CHECK(ended.code == 0);
  CHECK(ended.out == "5\n6\n");
  CHECK(daemon.calls("Wait").empty());
}

TEST_CASE_METHOD(ClientCase,
                 "a job that fails ends with the code of its class and says why, without secrets") {
  daemon.on("Download",
            accept(make_failed(7, k_url, job::FailureKind::network, "no route\x1b[2J to origin")));
  const auto ended = run({"download", "-q", k_url});
  CHECK(ended.code == 4);
  CHECK(ended.out.empty());
  CHECK(ended.err == "concctl: https://origin/big.iso?***: no route\\x1B[2J to origin\n");
}

TEST_CASE_METHOD(ClientCase, "why a job waits is told once a reason") {
  const auto waiting = make_retrying(7, "a", "connection refused");
  daemon.on("Download", accept(make_job(7, "a")));
  daemon.on("Wait", [waiting](const FakeCall& call) {
    call.reply(protocol::encode_jobs({waiting}), true);
    call.reply(protocol::encode_jobs({waiting}), true);
    call.reply(protocol::encode_jobs({make_job(7, "a", done)}));
  });
  CHECK(run({"download", "a"}).err == "concctl: a: waiting: connection refused\n");
  CHECK(run({"download", "-q", "a"}).err.empty());
}

TEST_CASE_METHOD(ClientCase, "what a queued job waits for is told once, though its figures move") {
  const auto behind = [](std::uint32_t running) {
    return make_waiting(7, "a", place(job::WaitKind::slot, "queue.active", running));
  };
  daemon.on("Download", accept(make_job(7, "a", queued)));
  daemon.on("Wait", [behind](const FakeCall& call) {
    call.reply(protocol::encode_jobs({behind(4)}), true);
    call.reply(protocol::encode_jobs({behind(3)}), true);
    call.reply(protocol::encode_jobs({make_job(7, "a", publishing)}), true);
    call.reply(protocol::encode_jobs({make_job(7, "a", done)}));
  });
  CHECK(run({"download", "a"}).err ==
        "concctl: a: queued: waits for a place: 4 transfers are running (queue.active)\n");
}

TEST_CASE_METHOD(ClientCase, "a download has the priority that it was given") {
  daemon.on("Download", accept(make_job(7, "a", done)));
  CHECK(run({"download", "--priority", "foreground", "a"}).code == 0);
  CHECK(daemon.calls("Download").at(0).parameters.at("priority") == "foreground");
}

TEST_CASE_METHOD(ClientCase, "with --json each change is an event on a line, also where the file went") {
  const auto file = folder.write("result", "new");
  daemon.on("Download", accept(make_job(7, k_url, queued)));
  daemon.on("Wait", [](const FakeCall& call) {
    call.reply(protocol::encode_jobs({make_job(7, k_url)}), true);
    call.reply(protocol::encode_jobs({make_job(7, k_url, done)}));
  });
  daemon.on("OpenResult", hand_out(file, 3, "big.iso"));
  daemon.on("Release", tell(make_job(7, k_url, done)));
  const auto ended = run({"download", "--json", k_url});
  std::vector<std::string> events;
  std::istringstream lines(ended.out);
  nlohmann::json event;
  for (std::string line; std::getline(lines, line);) {
    event = nlohmann::json::parse(line);
    CHECK(event.at("job").at("id") == 7);
    CHECK(event.at("source") == k_url);
    events.push_back(event.at("event"));
  }
  CHECK(events == std::vector<std::string>{"accepted", "started", "done", "saved"});
  CHECK(event.at("path") == (home / "big.iso").string());
}

TEST_CASE_METHOD(ClientCase, "a file that cannot be written ends with 3 and stays with the daemon") {
  const auto file = folder.write("result", "new");
  std::filesystem::create_directories(home / "sub");
  daemon.on("Download", accept(make_job(7, k_url, done)));
  daemon.on("OpenResult", [this, file](const FakeCall& call) {
    std::filesystem::remove(home / "sub");
    hand_out(file, 3, "big.iso")(call);
  });
  const auto ended = run({"download", k_url, "-o", "sub/x"});
  CHECK(ended.code == 3);
  CHECK(ended.out.empty());
  CHECK_THAT(ended.err, ContainsSubstring("fetch it with: concctl wait 7"));
  CHECK(daemon.calls("Release").empty());
}

TEST_CASE_METHOD(ClientCase, "a folder that takes no file is told before anything is handed over") {
  const auto ended = run({"download", k_url, "-o", "missing/x"});
  CHECK(ended.code == 3);
  CHECK(daemon.calls("Download").empty());
}

TEST_CASE_METHOD(ClientCase, "without a daemon it says how to start it") {
  daemon.stop();
  const auto ended = run({"download", "a"});
  CHECK(ended.code == 11);
  CHECK_THAT(ended.err, ContainsSubstring("systemctl start concd"));
}

TEST_CASE_METHOD(ClientCase, "a daemon that sends nonsense is an error, not an endless loop") {
  daemon.on("Download", accept(make_job(7, "a")));
  daemon.on("Wait", [](const FakeCall& call) { call.reply({{"jobs", "none"}}); });
  CHECK(run({"download", "a"}).code == 1);
  daemon.on("Wait", [](const FakeCall& call) { call.session->send(std::string("[]\0", 3)); });
  CHECK(run({"download", "a"}).code == 1);
}

TEST_CASE_METHOD(ClientCase, "a file is fetched once it is there, however many older jobs are slow") {
  std::vector<std::string> arguments{"download"};
  std::vector<job::View> jobs;
  for (job::Id id = 1; id <= 300; ++id) {
    jobs.push_back(make_job(id, "https://origin/" + std::to_string(id) + ".bin"));
    arguments.push_back(jobs.back().source);
  }
  daemon.on("Download", accept_all(jobs));
  daemon.on("Wait", [](const FakeCall& call) {
    const auto ids = call.parameters.at("ids").get<std::vector<job::Id>>();
    if (ids.back() == 300)
      call.reply(protocol::encode_jobs({make_job(300, "https://origin/300.bin", done)}), true);
  });
  daemon.on("OpenResult", hand_out(folder.write("result", "new"), 3, "300.bin"));
  daemon.on("Release", tell(make_job(300, "https://origin/300.bin", done)));
  ConcctlProcess process(folder, arguments);
  daemon.wait_for("Release");
  CHECK(read_text(home / "300.bin") == "new");
  process.signal(SIGTERM);
  const auto ended = process.wait();
  CHECK_THAT(ended.err, ContainsSubstring(" 299 go on."));
}

TEST_CASE_METHOD(ClientCase, "more jobs than fit one reply are waited for in batches") {
  std::vector<std::string> arguments{"download"};
  std::vector<job::View> jobs;
  for (job::Id id = 1; id <= 300; ++id) {
    jobs.push_back(make_job(id, "name" + std::to_string(id)));
    arguments.push_back(jobs.back().source);
  }
  daemon.on("Download", accept_all(jobs));
  daemon.on("Wait", [](const FakeCall& call) {
    std::vector<job::View> ended;
    for (const auto& id : call.parameters.at("ids"))
      ended.push_back(make_job(id, "name" + std::to_string(id.get<int>()), done));
    call.reply(protocol::encode_jobs(ended));
  });
  const auto ended = run(arguments);
  CHECK(ended.code == 0);
  CHECK(std::ranges::count(ended.out, '\n') == 300);
  CHECK(daemon.calls("Wait").size() == 2);
}
