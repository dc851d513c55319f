#include "unit/queue/queue_bench.hpp"

using namespace concd;
using namespace concd::test;
using namespace std::chrono_literals;
using job::Outcome;
using job::State;

/// What the Runner does with what executors have delivered.
namespace {

publish::Result refused(job::RetryClass retry_class, bool kept) {
  return {publish::Result::Kind::failed, failure(retry_class, job::FailureKind::file), kept};
}

}  // namespace

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
