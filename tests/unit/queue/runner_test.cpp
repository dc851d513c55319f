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
  const auto second =
      ask_later<View>([&](auto reply) { service.download(request_for(), {}, k_user, reply); });
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
