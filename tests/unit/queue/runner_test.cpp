#include <filesystem>
#include <fstream>

#include "sd/message_id.hpp"
#include "unit/queue/queue_bench.hpp"

using namespace concd;
using namespace concd::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;
using job::Outcome;
using job::State;
using Kind = publish::Result::Kind;

namespace {

publish::Result stopped(bool kept) {
  return {Kind::stopped, std::nullopt, kept};
}

publish::Result refused(job::RetryClass retry_class, bool kept) {
  return {Kind::failed, failure(retry_class, job::FailureKind::file), kept};
}

}  // namespace

TEST_CASE_METHOD(RunningBench, "a job goes its way from the request to the file") {
  const auto job = download();
  CHECK(job.state == State::queued);
  REQUIRE(runs(job.transfer));
  CHECK(threads.tasks[job.transfer].url == k_url);
  CHECK(get(job.id).state == State::running);
  started(job.transfer);
  progress(job.transfer, 3);
  CHECK(get(job.id).progress.received == 3);
  deliver(job.transfer, 5);
  CHECK(get(job.id).state == State::publishing);
  const auto& publication = publisher.publications.at(job.transfer);
  CHECK(publication.destination == folder.result(job.transfer));
  CHECK(publication.mode == 0600);
  CHECK(publication.size == 5);
  publish(job.transfer);
  const auto done = get(job.id);
  CHECK(done.state == State::done);
  CHECK(done.path == folder.result(job.transfer));
  CHECK(done.progress.received == 5);
  CHECK(storage.jobs.at(job.id).standing == job::Standing::done);
  CHECK(listener.story(job.id) ==
        "accepted:queued started:running progress:running publishing:publishing done:done");
}

TEST_CASE_METHOD(RunningBench, "a name is published in the library and remembered") {
  configure("[big]\nurl = \"https://one/big\"\n");
  const auto job = download("big");
  deliver(job.transfer);
  const auto& publication = publisher.publications.at(job.transfer);
  CHECK(publication.destination == folder.library("big"));
  CHECK(publication.mode == 0644);
  publish(job.transfer);
  CHECK(get(job.id).path == folder.library("big"));
  CHECK(storage.artifacts.at("big").size == 5);
}

TEST_CASE_METHOD(RunningBench, "jobs that want the same share one transfer and one end") {
  const auto first = download(), second = download();
  CHECK(first.transfer == second.transfer);
  CHECK(threads.started.size() == 1);
  CHECK(get(second.id).state == State::running);
  fetch(first.transfer);
  CHECK(get(first.id).state == State::done);
  CHECK(get(second.id).state == State::done);
}

TEST_CASE_METHOD(RunningBench, "a transfer is paused once the executor has let go, and goes on from there") {
  const auto job = download();
  started(job.transfer);
  REQUIRE(pause(job.id));
  CHECK(threads.stopped == std::vector{job.transfer});
  CHECK(get(job.id).state == State::paused);
  CHECK_FALSE(job::is<job::Paused>(storage.transfers.at(job.transfer).phase));
  let_go(job.transfer, 3);
  CHECK(job::is<job::Paused>(storage.transfers.at(job.transfer).phase));
  CHECK(partials() == 1);
  CHECK(get(job.id).progress.received == 3);
  REQUIRE(resume(job.id));
  REQUIRE(threads.started.size() == 2);
  const auto& task = threads.tasks.at(job.transfer);
  CHECK(task.checkpoint.durable() == 3);
  CHECK(task.kept);
  fetch(job.transfer);
  CHECK(get(job.id).state == State::done);
}

TEST_CASE_METHOD(RunningBench, "who comes back before the executor has let go is queued when it does") {
  const auto job = download();
  REQUIRE(pause(job.id));
  REQUIRE(resume(job.id));
  CHECK(threads.started.size() == 1);
  let_go(job.transfer);
  CHECK(threads.started.size() == 2);
  CHECK(get(job.id).state == State::running);
}

TEST_CASE_METHOD(RunningBench,
                 "who comes back while a publication is stopped is fetched on from the whole file") {
  const auto job = download();
  deliver(job.transfer, 5);
  REQUIRE(pause(job.id));
  CHECK(publisher.stopped == std::vector{job.transfer});
  REQUIRE(resume(job.id));
  CHECK(threads.started.size() == 1);
  publication_ends(job.transfer, stopped(true));
  REQUIRE(threads.started.size() == 2);
  CHECK(threads.tasks.at(job.transfer).checkpoint.durable() == 5);
}

TEST_CASE_METHOD(RunningBench, "a job of several that is cancelled stops nothing") {
  const auto first = download(), second = download();
  REQUIRE(cancel(first.id));
  CHECK(threads.stopped.empty());
  CHECK(get(first.id).state == State::cancelled);
  fetch(first.transfer);
  CHECK(get(first.id).state == State::cancelled);
  CHECK(get(second.id).state == State::done);
}

TEST_CASE_METHOD(RunningBench,
                 "the last job that is cancelled stops the transfer, and its bytes are removed") {
  const auto job = download();
  REQUIRE(cancel(job.id));
  CHECK(threads.stopped == std::vector{job.transfer});
  let_go(job.transfer, 3);
  CHECK(partials() == 0);
  CHECK(storage.jobs.at(job.id).standing == job::Standing::cancelled);
  CHECK(job::to_string(storage.transfers.at(job.transfer).phase) == "cancelled");
  CHECK(service.status().active == 0);
  CHECK(download().transfer != job.transfer);
}

TEST_CASE_METHOD(RunningBench,
                 "a transfer whose last active job is cancelled is paused for those who paused") {
  const auto first = download(), second = download();
  REQUIRE(pause(first.id));
  REQUIRE(cancel(second.id));
  let_go(first.transfer, 3);
  CHECK(get(first.id).state == State::paused);
  CHECK(job::is<job::Paused>(storage.transfers.at(first.transfer).phase));
}

TEST_CASE_METHOD(RunningBench, "who joins while the last job leaves is fetched for") {
  const auto first = download();
  holds_answers = true;
  const auto second = ask_later<View>([&](auto reply) { service.download(request_for(), k_user, reply); });
  turn();
  const auto cancelled = ask_later<View>([&](auto reply) { service.cancel(first.id, k_user, reply); });
  turn();
  SECTION("as its attempt is stopped") {
    let_go(first.transfer);
  }
  SECTION("as its attempt fails") {
    fail(first.transfer, failure(job::RetryClass::retry));
  }
  SECTION("as it is published") {
    deliver(first.transfer);
    publish(first.transfer);
  }
  holds_answers = false;
  turn();
  REQUIRE(second->value());
  CHECK(threads.started.size() == 2);
  fetch((**second)->transfer);
  CHECK(get((**second)->id).state == State::done);
}

TEST_CASE_METHOD(RunningBench, "what is published when nobody wants it any more is removed") {
  const auto job = download();
  deliver(job.transfer);
  SECTION("as all have cancelled") {
    REQUIRE(cancel(job.id));
    publish(job.transfer);
    CHECK(get(job.id).state == State::cancelled);
  }
  SECTION("though one would go on with it") {
    REQUIRE(pause(job.id));
    publish(job.transfer);
    CHECK(get(job.id).state == State::paused);
  }
  CHECK_FALSE(has_result(job.transfer));
  CHECK(get(job.id).path.empty());
}

TEST_CASE_METHOD(RunningBench, "a name that is published when nobody wants it any more is there for all") {
  configure("[big]\nurl = \"https://one/big\"\nfresh_for = \"1h\"\n");
  const auto job = download("big");
  deliver(job.transfer);
  REQUIRE(cancel(job.id));
  publish(job.transfer);
  CHECK(get(job.id).state == State::cancelled);
  CHECK(storage.artifacts.at("big").size == 5);
  CHECK(download("big").state == State::done);
}

TEST_CASE_METHOD(RunningBench, "a publication that fails is tried again") {
  const auto job = download();
  deliver(job.transfer, 5);
  SECTION("with the bytes, where they were kept") {
    publication_ends(job.transfer, refused(job::RetryClass::local_resource, true));
    CHECK(get(job.id).state == State::waiting);
    advance(1h);
    CHECK(threads.tasks.at(job.transfer).checkpoint.durable() == 5);
  }
  SECTION("from the start, where they were not") {
    publication_ends(job.transfer, refused(job::RetryClass::local_resource, false));
    advance(1h);
    CHECK(threads.tasks.at(job.transfer).checkpoint == job::Checkpoint{});
  }
  CHECK(threads.started.size() == 2);
}

TEST_CASE_METHOD(RunningBench, "a publication that cannot succeed ends its jobs") {
  const auto job = download();
  deliver(job.transfer);
  publication_ends(job.transfer, refused(job::RetryClass::none, false));
  const auto failed = get(job.id);
  CHECK(failed.state == State::failed);
  CHECK(failed.failure->kind == job::FailureKind::file);
  CHECK(partials() == 0);
}

TEST_CASE_METHOD(RunningBench, "an end is shown as publishing until it is on disk") {
  const auto job = download();
  deliver(job.transfer);
  holds_answers = true;
  publish(job.transfer);
  CHECK(listener.story(job.id) == "accepted:queued publishing:publishing");
  holds_answers = false;
  turn();
  CHECK(listener.story(job.id) == "done:done");
}

TEST_CASE_METHOD(RunningBench, "a full disk delays the end of a job but does not lose it") {
  const auto job = download();
  deliver(job.transfer);
  storage.disk_is_full = true;
  publish(job.transfer);
  CHECK(get(job.id).state == State::publishing);
  storage.disk_is_full = false;
  advance(2s);
  CHECK(get(job.id).state == State::done);
  CHECK(storage.jobs.at(job.id).standing == job::Standing::done);
}

TEST_CASE_METHOD(RunningBench, "a published name that the origin confirms is done without a fetch") {
  configure("[big]\nurl = \"https://one/big\"\n");
  const auto first = download("big");
  auto delivered = outcome(Outcome::Kind::delivered, first.transfer);
  delivered.size = 5;
  delivered.validators = {"\"1\"", ""};
  finish(first.transfer, delivered);
  publish(first.transfer);
  const auto fetched_at = storage.artifacts.at("big").fetched_at;
  advance(1h);
  const auto second = download("big");
  CHECK(threads.tasks.at(second.transfer).published.etag == "\"1\"");
  SECTION("for whom the confirmation is enough") {
    finish(second.transfer, outcome(Outcome::Kind::unchanged, second.transfer));
    CHECK(get(second.id).state == State::done);
    CHECK(get(second.id).progress.received == 5);
    CHECK(storage.artifacts.at("big").fetched_at == fetched_at + 1h);
    CHECK(publisher.publications.size() == 1);
  }
  SECTION("unless somebody has joined meanwhile who wants it fetched anyway") {
    auto forced = request_for("big");
    forced.force = true;
    const auto third = request(forced);
    REQUIRE(third);
    CHECK(third->transfer == second.transfer);
    finish(second.transfer, outcome(Outcome::Kind::unchanged, second.transfer));
    CHECK(get(third->id).state == State::running);
    CHECK(threads.tasks.at(second.transfer).published.empty());
  }
  SECTION("unless somebody has touched the file meanwhile") {
    std::filesystem::rename(root.write("other", "other"), folder.library("big"));
    finish(second.transfer, outcome(Outcome::Kind::unchanged, second.transfer));
    CHECK(get(second.id).state == State::running);
    CHECK(threads.tasks.at(second.transfer).published.empty());
  }
  CHECK(partials() == (get(second.id).state == State::done ? 0 : 1));
}

TEST_CASE_METHOD(RunningBench, "checkpoints are stored as they come") {
  const auto job = download();
  checkpoint(job.transfer, 3);
  CHECK(storage.transfers.at(job.transfer).checkpoint.durable() == 3);
  storage.disk_is_full = true;
  checkpoint(job.transfer, 4);
  CHECK(journal.count_text("a checkpoint could not be written") == 1);
}

TEST_CASE_METHOD(RunningBench, "a file that has changed at its origin is told as a restart") {
  const auto job = download();
  REQUIRE(pause(job.id));
  let_go(job.transfer, 3);
  REQUIRE(resume(job.id));
  auto restarted = outcome(Outcome::Kind::stopped, job.transfer);
  restarted.restarted = true;
  restarted.checkpoint.part = threads.tasks.at(job.transfer).fresh_part;
  restarted.checkpoint.set_durable(1);
  finish(job.transfer, restarted);
  CHECK(journal.count(sd::message_id::job_restarted) == 1);
  CHECK(get(job.id).state == State::running);
  CHECK(threads.tasks.at(job.transfer).checkpoint == restarted.checkpoint);
}

TEST_CASE_METHOD(RunningBench,
                 "a failed attempt counts no more once bytes have come that were never here before") {
  const auto job = download();
  for (int i = 0; i < 3; ++i) {
    fail(job.transfer, failure(job::RetryClass::retry));
    advance(1h);
  }
  CHECK(storage.transfers.at(job.transfer).history.tries == 3);
  auto longer = outcome(Outcome::Kind::failed, job.transfer, 3);
  longer.failure = failure(job::RetryClass::retry);
  finish(job.transfer, longer);
  CHECK(storage.transfers.at(job.transfer).history.tries == 1);
  advance(1h);
  SECTION("but not by the same bytes once more") {
    finish(job.transfer, longer);
  }
  SECTION("but not by the first of them, once what was here is lost") {
    REQUIRE(pause(job.id));
    let_go(job.transfer, 3);
    fs::remove(folder.partial(job.transfer, threads.tasks.at(job.transfer).checkpoint.part));
    REQUIRE(resume(job.id));
    auto shorter = outcome(Outcome::Kind::failed, job.transfer, 2);
    shorter.failure = failure(job::RetryClass::retry);
    finish(job.transfer, shorter);
  }
  CHECK(storage.transfers.at(job.transfer).history.tries == 2);
}

TEST_CASE_METHOD(RunningBench, "an archive is unpacked in the place of the process that fetched it") {
  config.limits.processes = 1;
  configure("[a]\nurl = \"https://one/a\"\nunpack = true\n[b]\nurl = \"https://two/b\"\nunpack = true\n");
  const auto first = download("a"), second = download("b");
  CHECK(processes.started == std::vector{first.transfer});
  deliver(first.transfer);
  CHECK(publisher.publications.at(first.transfer).unpack);
  CHECK(processes.started.size() == 1);
  publish(first.transfer);
  CHECK(processes.started.back() == second.transfer);
}

TEST_CASE_METHOD(RunningBench, "a digest is taken from the daemon's own threads, not from a worker") {
  auto wanted = request_for();
  wanted.digest = job::Digest{"md5", std::string(32, '0')};
  SECTION("a thread") {
    wanted.executor = job::ExecutorKind::thread;
  }
  SECTION("a process") {
    wanted.executor = job::ExecutorKind::process;
  }
  const auto job = request(wanted);
  auto delivered = outcome(Outcome::Kind::delivered, job->transfer);
  delivered.digest = wanted.digest->hex;
  finish(job->transfer, delivered);
  const bool by_thread = wanted.executor == job::ExecutorKind::thread;
  CHECK(publisher.publications.at(job->transfer).digest == (by_thread ? delivered.digest : ""));
}

TEST_CASE_METHOD(RunningBench, "an attempt that cannot begin here waits or fails as any other") {
  fs::remove_all(folder.partials());
  const auto job = download();
  CHECK(get(job.id).state == State::waiting);
  CHECK(threads.started.empty());
  std::ofstream(folder.partials()) << "in the way";
  const auto other = download("https://example.org/other");
  CHECK(get(other.id).state == State::failed);
  fs::remove(folder.partials());
  fs::create_directory(folder.partials());
  advance(1h);
  CHECK(threads.started.size() == 1);
}

TEST_CASE_METHOD(RunningBench, "a stop waits until nothing goes on and all is written") {
  const auto running = download(), publishing = download("https://example.org/other");
  deliver(publishing.transfer);
  bool has_stopped = false;
  core.stop([&] { has_stopped = true; });
  turn();
  CHECK(threads.stopped == std::vector{running.transfer});
  CHECK(publisher.stopped == std::vector{publishing.transfer});
  CHECK_FALSE(has_stopped);
  let_go(running.transfer, 3);
  CHECK_FALSE(has_stopped);
  publication_ends(publishing.transfer, stopped(true));
  CHECK(has_stopped);
  CHECK(threads.started.size() == 2);
  CHECK(storage.transfers.at(running.transfer).checkpoint.durable() == 3);
  CHECK(storage.transfers.at(publishing.transfer).checkpoint.durable() == 5);
}

TEST_CASE_METHOD(RunningBench, "a stop while nothing runs is done at once") {
  bool has_stopped = false;
  core.stop([&] { has_stopped = true; });
  CHECK(has_stopped);
  CHECK(is_refused<control::ShuttingDown>(request(request_for())));
}

TEST_CASE_METHOD(QueueBench, "nothing is started before the queue runs") {
  const auto job = download();
  CHECK(threads.started.empty());
  core.run();
  CHECK(threads.started == std::vector{job.transfer});
}

TEST_CASE_METHOD(RunningBench, "the speed of what runs is told, and forgotten with its end") {
  const auto job = download();
  started(job.transfer);
  for (std::uint64_t i = 1; i <= 10; ++i) {
    advance(1s);
    progress(job.transfer, i * 1000);
  }
  CHECK(get(job.id).progress.rate > 900);
  CHECK(service.status().rate == get(job.id).progress.rate);
  deliver(job.transfer, 10'000);
  CHECK(get(job.id).progress.rate == 0);
}
