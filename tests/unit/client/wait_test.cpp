#include <csignal>

#include "client_case.hpp"
#include "fake_jobs.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::test;
using enum concd::job::State;

namespace {

constexpr const char* k_url = "https://origin/big.iso";

}  // namespace

TEST_CASE_METHOD(ClientCase, "wait brings the file to where download meant it") {
  const auto file = folder.write("result", "new");
  auto job = make_job(7, k_url, done);
  std::filesystem::create_directories(home);
  remember(job, home / "meant");
  job.output = home / "what_the_daemon_says";
  daemon.on("Get", tell(job));
  daemon.on("OpenResult", hand_out(file, 3, "big.iso"));
  daemon.on("Release", tell(job));
  CHECK(run({"wait", "7"}).out == (home / "meant").string() + "\n");
  CHECK(read_text(home / "meant") == "new");
  CHECK(run({"wait", "7", "-o", "here"}).out == (home / "here").string() + "\n");
}

TEST_CASE_METHOD(ClientCase, "wait for a URL of which nothing says where it is to go asks for a path") {
  auto job = make_job(7, k_url);
  job.output = home / "what_the_daemon_says";
  daemon.on("Get", tell(job));
  const auto ended = run({"wait", "7"});
  CHECK(ended.code == 2);
  CHECK_THAT(ended.err, ContainsSubstring("say it with: concctl wait 7 -o PATH"));
  // The number alone does not make it the job that was meant.
  auto other = job;
  other.created += Microseconds(1);
  remember(other, home / "other");
  CHECK(run({"wait", "7"}).code == 2);
  CHECK(daemon.calls("OpenResult").empty());
  CHECK(std::filesystem::is_empty(home));
}

TEST_CASE_METHOD(ClientCase, "into a folder a file goes by a safe name") {
  const auto file = folder.write("result", "new");
  daemon.on("Get", tell(make_job(7, k_url, done)));
  daemon.on("Release", tell(make_job(7, k_url, done)));
  std::filesystem::create_directories(home);
  for (const auto& [suggested, name] :
       std::initializer_list<std::pair<std::string, std::string>>{{"big.iso", "big.iso"},
                                                                  {"../evil", "index.html"},
                                                                  {".bashrc", "index.html.1"},
                                                                  {"a\x1B\n", "a__"}}) {
    daemon.on("OpenResult", hand_out(file, 3, suggested));
    CHECK(run({"wait", "7", "-o", "."}).out == (home / "." / name).string() + "\n");
  }
}

TEST_CASE_METHOD(ClientCase, "wait for a file that was fetched prints where it is") {
  auto job = make_job(7, k_url, done);
  const auto path = folder.write("home/big.iso", "text");
  remember(job, path);
  job.progress.received = 4;
  job.released = true;
  daemon.on("Get", tell(job));
  CHECK(run({"wait", "7"}).out == path.string() + "\n");
  CHECK(daemon.calls("OpenResult").empty());
  std::filesystem::remove(path);
  const auto ended = run({"wait", "7"});
  CHECK(ended.code == 3);
  CHECK(ended.out.empty());
  CHECK_THAT(ended.err, ContainsSubstring("the file was fetched before and is gone from " + path.string()));
  job.id = 8;
  job.output = path;
  daemon.on("Get", tell(job));
  CHECK(run({"wait", "8"}).code == 3);
}

TEST_CASE_METHOD(ClientCase, "a file that another concctl fetched meanwhile is where that one brought it") {
  auto job = make_job(7, k_url, done);
  const auto path = folder.write("home/big.iso", "text").string();
  remember(job, path);
  job.progress.received = 4;
  auto released = job;
  released.released = true;
  daemon.on("Get", [=, this](const FakeCall& call) {
    tell(daemon.calls("OpenResult").empty() ? job : released)(call);
  });
  daemon.on("OpenResult", [](const FakeCall& call) {
    call.refuse(protocol::NoResult{7, "its file has been handed over already"});
  });
  const auto ended = run({"wait", "7"});
  CHECK(ended.code == 0);
  CHECK(ended.out == path + "\n");
  CHECK(ended.err.empty());
  // One who wants it in another place has not got it.
  const auto elsewhere = run({"wait", "7", "-o", "other"});
  CHECK(elsewhere.code == 3);
  CHECK(elsewhere.out.empty());
  CHECK_THAT(elsewhere.err, ContainsSubstring("the file was fetched before, to " + path));
}

TEST_CASE_METHOD(ClientCase, "a job that has no file to hand out says why") {
  daemon.on("Get", tell(make_job(7, k_url, done)));
  daemon.on("OpenResult", [](const FakeCall& call) { call.refuse(protocol::NoResult{7, "it is lost"}); });
  const auto ended = run({"wait", "7", "-o", "x"});
  CHECK(ended.code == 1);
  CHECK_THAT(ended.err, ContainsSubstring("it is lost"));
}

TEST_CASE_METHOD(ClientCase, "who may read somebody else's file gets a copy and lets the daemon keep it") {
  const auto file = folder.write("result", "new");
  auto job = make_job(7, k_url, done);
  *job.uid += 1;
  daemon.on("Get", tell(job));
  daemon.on("OpenResult", hand_out(file, 3, "big.iso"));
  CHECK(run({"wait", "7", "-o", "copy"}).out == (home / "copy").string() + "\n");
  CHECK(read_text(home / "copy") == "new");
  CHECK(daemon.calls("Release").empty());
}

TEST_CASE_METHOD(ClientCase, "wait for somebody else's job fetches nothing") {
  auto job = make_job(7, k_url, done);
  *job.uid += 1;
  job.path = "/results/7";
  daemon.on("Get", tell(job));
  CHECK(run({"wait", "7"}).out == "/results/7\n");
  CHECK(daemon.calls("OpenResult").empty());
}

TEST_CASE_METHOD(ClientCase, "a job that does not exist is an error of its own, the others are waited for") {
  daemon.on("Get", [](const FakeCall& call) {
    const auto id = call.parameters.at("id").get<job::Id>();
    if (id == 7) return call.refuse(protocol::NoSuchJob{7});
    call.reply(protocol::encode_job_reply(make_job(id, "a", done)));
  });
  const auto ended = run({"wait", "7", "8"});
  CHECK(ended.code == 2);
  CHECK(ended.out == "/library/a\n");
  CHECK_THAT(ended.err, ContainsSubstring("there is no job 7"));
}

TEST_CASE_METHOD(ClientCase, "a job that vanishes meanwhile does not take the others with it") {
  daemon.on("Get", [this](const FakeCall& call) {
    const auto id = call.parameters.at("id").get<job::Id>();
    if (id == 7 && !daemon.calls("Wait").empty()) return call.refuse(protocol::NoSuchJob{7});
    call.reply(protocol::encode_job_reply(make_job(id, "a")));
  });
  daemon.on("Wait", [this](const FakeCall& call) {
    if (daemon.calls("Wait").size() > 1) return call.reply(protocol::encode_jobs({make_job(8, "a", done)}));
    call.refuse(protocol::NoSuchJob{7});
  });
  const auto ended = run({"wait", "7", "8"});
  CHECK(ended.code == 2);
  CHECK(ended.out == "/library/a\n");
}

TEST_CASE_METHOD(ClientCase, "a daemon that restarts during the wait is waited for, and that is said once") {
  daemon.on("Download", accept(make_job(7, "a")));
  ConcctlProcess process(folder, {"download", "a"});
  daemon.wait_for("Wait");
  daemon.stop();
  daemon.on("Get", [this](const FakeCall& call) {
    daemon.on("Get", tell(make_job(7, "a")));
    call.session->hang_up();
  });
  daemon.on("Wait", end_with({make_job(7, "a", done)}));
  daemon.start();
  const auto ended = process.wait();
  CHECK(ended.code == 0);
  CHECK(ended.out == "/library/a\n");
  CHECK(occurrences(ended.err, "waiting for concd to come back") == 1);
  CHECK(daemon.calls("Download").size() == 1);
}

TEST_CASE_METHOD(ClientCase, "a download whose answer was lost is asked for again with its token") {
  ConcctlProcess process(folder, {"download", "a"});
  daemon.wait_for("Download");
  daemon.stop();
  daemon.on("Download", accept(make_job(7, "a", done)));
  daemon.start();
  CHECK(process.wait().code == 0);
  const auto calls = daemon.calls("Download");
  REQUIRE(calls.size() == 2);
  CHECK(calls[0].parameters == calls[1].parameters);
}

TEST_CASE_METHOD(ClientCase, "a daemon that says it is stopping is waited for, too") {
  daemon.on("Download", [this](const FakeCall& call) {
    daemon.on("Download", accept(make_job(7, "a", done)));
    call.refuse(protocol::ShuttingDown{});
  });
  const auto ended = run({"download", "a"});
  CHECK(ended.code == 0);
  CHECK(ended.out == "/library/a\n");
}

TEST_CASE_METHOD(ClientCase, "a file that was on its way when the daemon restarted is fetched once") {
  const auto file = folder.write("result", "new");
  daemon.on("Download", accept(make_job(7, k_url, done)));
  ConcctlProcess process(folder, {"download", k_url});
  daemon.wait_for("OpenResult");
  daemon.stop();
  daemon.on("OpenResult", hand_out(file, 3, "big.iso"));
  daemon.on("Release", tell(make_job(7, k_url, done)));
  daemon.start();
  const auto ended = process.wait();
  CHECK(ended.code == 0);
  CHECK(ended.out == (home / "big.iso").string() + "\n");
  CHECK(daemon.calls("Get").empty());
  CHECK(daemon.calls("OpenResult").size() == 2);
  CHECK(daemon.calls("Release").size() == 1);
}

TEST_CASE_METHOD(ClientCase, "^C detaches, says how to go on, and leaves the jobs alone") {
  daemon.on("Download", accept_all({make_job(7, "a"), make_job(8, "b")}));
  const auto interrupted = [&](const std::vector<std::string>& arguments, std::size_t waits, int signal) {
    ConcctlProcess process(folder, arguments);
    daemon.wait_for("Wait", waits);
    process.signal(signal);
    return process.wait();
  };
  auto ended = interrupted({"download", "a"}, 1, SIGINT);
  CHECK(ended.code == 130);
  CHECK(ended.out.empty());
  CHECK(
      ended.err ==
      "concctl: detached; job 7 goes on. Cancel it with: concctl cancel 7; fetch it with: concctl wait 7\n");
  ended = interrupted({"download", "-q", "a", "b"}, 2, SIGTERM);
  CHECK(ended.code == 143);
  CHECK_THAT(ended.err, ContainsSubstring("concctl cancel 7 8; fetch them with: concctl wait 7 8"));
  CHECK(daemon.calls("Cancel").empty());
}

TEST_CASE_METHOD(ClientCase, "^C tells jobs that go on from those whose files are still to be fetched") {
  daemon.on("Download", accept_all({make_job(7, k_url, done), make_job(8, "b")}));
  ConcctlProcess process(folder, {"download", k_url, "b"});
  daemon.wait_for("OpenResult");
  daemon.wait_for("Wait");
  process.signal(SIGINT);
  const auto ended = process.wait();
  CHECK(ended.code == 130);
  CHECK(ended.err ==
        "concctl: detached; job 7 is done, fetch its file with: concctl wait 7; job 8 goes on. Cancel it "
        "with: concctl cancel 8; fetch it with: concctl wait 8\n");
}

TEST_CASE_METHOD(ClientCase, "^C before the number is known waits for it; a second one does not") {
  {
    ConcctlProcess process(folder, {"download", "a"});
    const auto call = daemon.wait_for("Download").at(0);
    process.signal(SIGINT);
    process.wait_until_taken(SIGINT);
    call.reply(protocol::encode_download_reply(make_job(7, "a")));
    const auto ended = process.wait();
    CHECK(ended.code == 130);
    CHECK_THAT(ended.err, ContainsSubstring("concctl cancel 7"));
  }
  ConcctlProcess process(folder, {"download", "a"});
  daemon.wait_for("Download", 2);
  process.signal(SIGINT);
  process.wait_until_taken(SIGINT);
  process.signal(SIGINT);
  CHECK(process.wait().code == 130);
}

TEST_CASE_METHOD(ClientCase, "^C while the daemon is away ends the wait") {
  daemon.on("Download", accept(make_job(7, "a")));
  ConcctlProcess process(folder, {"download", "a"});
  daemon.wait_for("Wait");
  daemon.stop();
  process.signal(SIGINT);
  const auto ended = process.wait();
  CHECK(ended.code == 130);
  CHECK_THAT(ended.err, ContainsSubstring("concctl wait 7"));
}

TEST_CASE_METHOD(ClientCase, "^C while the daemon is away ends a download that it has not answered") {
  ConcctlProcess process(folder, {"download", "a"});
  daemon.wait_for("Download");
  daemon.stop();
  process.signal(SIGINT);
  CHECK(process.wait().code == 130);
}

TEST_CASE_METHOD(ClientCase, "^C cancels the jobs where that was asked for") {
  daemon.on("Download", accept_all({make_job(7, "a"), make_job(8, "b")}));
  daemon.on("Cancel", [](const FakeCall& call) {
    const auto id = call.parameters.at("id").get<job::Id>();
    call.reply(protocol::encode_job_reply(make_job(id, id == 7 ? "a" : "b", job::State::cancelled)));
  });
  ConcctlProcess process(folder, {"download", "--cancel-on-interrupt", "a", "b"});
  daemon.wait_for("Wait");
  process.signal(SIGINT);
  const auto ended = process.wait();
  CHECK(ended.code == 130);
  CHECK(daemon.calls("Cancel").size() == 2);
  CHECK_THAT(ended.err, ContainsSubstring("a: cancelled"));
  CHECK_THAT(ended.err, !ContainsSubstring("goes on"));
}

TEST_CASE_METHOD(ClientCase, "a job that vanishes while it is being cancelled is told once") {
  daemon.on("Download", accept_all({make_job(7, "a"), make_job(8, "b")}));
  daemon.on("Cancel", [this](const FakeCall& call) {
    if (call.parameters.at("id") == 8) daemon.calls("Wait").at(0).refuse(protocol::NoSuchJob{7});
  });
  // Both are asked for again; all is answered then, in the order of the calls.
  daemon.on("Get", [this](const FakeCall& call) {
    if (call.parameters.at("id") != 8) return;
    daemon.calls("Cancel").at(0).refuse(protocol::NoSuchJob{7});
    daemon.calls("Cancel").at(1).reply(protocol::encode_job_reply(make_job(8, "b")));
    daemon.calls("Get").at(0).refuse(protocol::NoSuchJob{7});
    call.reply(protocol::encode_job_reply(make_job(8, "b", job::State::cancelled)));
  });
  ConcctlProcess process(folder, {"download", "--cancel-on-interrupt", "a", "b"});
  daemon.wait_for("Wait");
  process.signal(SIGINT);
  const auto ended = process.wait();
  CHECK(occurrences(ended.err, "there is no job 7") == 1);
  CHECK_THAT(ended.err, ContainsSubstring("b: cancelled"));
}

TEST_CASE_METHOD(ClientCase, "a wait that runs out says that the job goes on") {
  daemon.on("Get", tell(make_job(7, "a")));
  const auto ended = run({"wait", "7", "--timeout", "10ms"});
  CHECK(ended.code == 124);
  CHECK_THAT(ended.err, ContainsSubstring("timed out; job 7 goes on"));
  CHECK(daemon.calls("Cancel").empty());
}

TEST_CASE_METHOD(ClientCase, "a cancelled job ends its wait with a code of its own") {
  daemon.on("Get", tell(make_job(7, "a", job::State::cancelled)));
  CHECK(run({"wait", "7"}).code == 12);
}
