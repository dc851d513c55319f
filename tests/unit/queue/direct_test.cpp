// Transfers that are fetched into a file of the caller's own.

#include <algorithm>
#include <filesystem>

#include "unit/queue/queue_bench.hpp"

using namespace concd;
using namespace concd::test;
using namespace std::chrono_literals;
using job::State;

namespace {

struct DirectBench : RunningBench {
  std::filesystem::path own = root.path() / "own";

  Answer<View> attach(job::Id id, const std::filesystem::path& file, const job::Peer& peer = k_self) {
    return answer_of<View>([&](auto reply) { service.attach(id, opened(file), peer, reply); });
  }
  /// What the next daemon finds, with the files that outlived this one.
  void restart(QueueBench& next, std::map<job::Id, UniqueFd> files = {}) {
    next.storage.transfers = storage.transfers;
    next.storage.jobs = storage.jobs;
    queue::Legacy legacy;
    legacy.last = {100, 200};
    for (const auto& [id, transfer] : storage.transfers) legacy.transfers.push_back(transfer);
    for (const auto& [id, job] : storage.jobs) legacy.jobs.push_back(job);
    legacy.files = std::move(files);
    next.core.restore(std::move(legacy));
    next.core.run();
    next.turn();
  }
  /// A direct job with so many bytes in its file.
  View fetched(std::uint64_t bytes) {
    const auto job = download_into(own);
    started(job.transfer);
    REQUIRE(::ftruncate(threads.tasks.at(job.transfer).fresh->get(), static_cast<off_t>(bytes)) == 0);
    checkpoint(job.transfer, bytes);
    return job;
  }
};

}  // namespace

TEST_CASE_METHOD(DirectBench, "a file of the caller's own is fetched into, and stays where it is") {
  const auto job = download_into(own);
  CHECK(job.direct);
  const auto& task = threads.tasks.at(job.transfer);
  CHECK(task.fresh_part == job::CallersFile::k_part);
  CHECK(partials() == 0);
  started(job.transfer);
  progress(job.transfer, 3);
  deliver(job.transfer);
  const auto& publication = publisher.publications.at(job.transfer);
  CHECK(publication.in_place);
  CHECK(publication.destination.empty());
  publication_ends(job.transfer, {});
  // All of it, whatever was heard last on the way.
  CHECK(listener.events.back().second.progress.received == 5);
  const auto done = get(job.id);
  CHECK(done.state == State::done);
  CHECK(done.direct);
  CHECK(done.path.empty());
  CHECK(std::filesystem::exists(own));
}

TEST_CASE_METHOD(DirectBench, "what is no file of the caller's own is refused, and nothing is accepted") {
  const auto answer = answer_of<View>(
      [&](auto reply) { service.download(request_for(), opened(own), {::getuid() + 1, 0, 1}, reply); });
  CHECK(is_refused<control::InvalidFile>(answer));
  CHECK(storage.jobs.empty());
}

TEST_CASE_METHOD(DirectBench, "an equal request of the same user shares the transfer and gets a copy") {
  const auto first = download_into(own), second = download_into(root.path() / "second");
  CHECK(second.transfer == first.transfer);
  CHECK_FALSE(second.direct);
  started(first.transfer);
  deliver(first.transfer);
  CHECK(publisher.publications.at(first.transfer).destination == folder.result(first.transfer));
  publish(first.transfer);
  CHECK(get(first.id).path.empty());
  CHECK(get(second.id).path == folder.result(first.transfer));
}

TEST_CASE_METHOD(DirectBench, "an equal request of another user has a transfer of its own") {
  const auto first = download_into(own), second = download();
  CHECK(second.transfer != first.transfer);
  CHECK_FALSE(second.direct);
}

TEST_CASE_METHOD(DirectBench, "while it is published it is too late to join") {
  const auto first = download_into(own);
  started(first.transfer);
  deliver(first.transfer);
  CHECK(download_into(root.path() / "second").transfer != first.transfer);
}

TEST_CASE_METHOD(DirectBench, "what joins a transfer of the state folder is not direct") {
  const auto first = request(request_for(), k_self), second = Answer<View>(download_into(own));
  CHECK(second->transfer == first->transfer);
  CHECK_FALSE(second->direct);
}

TEST_CASE_METHOD(DirectBench, "a cancelled one gives back what it took of the disk") {
  const auto job = fetched(5000);
  REQUIRE(cancel(job.id, k_self));
  let_go(job.transfer, 5000);
  CHECK(std::filesystem::file_size(own) == 0);
  CHECK(descriptors.kept.empty());
}

TEST_CASE_METHOD(DirectBench, "what a stop has synced is to outlive the daemon as well") {
  const auto job = download_into(own);
  started(job.transfer);
  core.stop([] {});
  let_go(job.transfer, 5000);
  CHECK(descriptors.kept == std::set<job::Id>{job.id});
}

TEST_CASE_METHOD(DirectBench, "a file that outlived the daemon is fetched into further") {
  const auto job = fetched(5000);
  CHECK(descriptors.kept == std::set<job::Id>{job.id});
  QueueBench next;
  std::map<job::Id, UniqueFd> files;
  files[job.id] = opened(own).take();
  restart(next, std::move(files));
  const auto& task = next.threads.tasks.at(job.transfer);
  CHECK(task.kept != nullptr);
  CHECK(task.checkpoint.durable() == 5000);
  CHECK(next.get(job.id).direct);
}

TEST_CASE_METHOD(DirectBench, "after a restart the caller has a while to bring the file back") {
  const auto job = fetched(5000);
  QueueBench next;
  restart(next);
  CHECK(next.get(job.id).state == State::waiting);
  CHECK(next.get(job.id).wait->cause->kind == job::WaitKind::callers_file);
  const auto attach = [&](const std::filesystem::path& file, const job::Peer& peer = k_self) {
    return next.answer_of<View>([&](auto reply) { next.service.attach(job.id, opened(file), peer, reply); });
  };
  SECTION("with it the job goes on where it was") {
    REQUIRE(attach(own));
    CHECK(next.threads.tasks.at(job.transfer).checkpoint.durable() == 5000);
    CHECK(next.get(job.id).direct);
    // Brought once more, it changes nothing.
    REQUIRE(attach(own));
    CHECK(next.threads.started.size() == 1);
  }
  SECTION("another file changes nothing") {
    REQUIRE(attach(root.path() / "another"));
    CHECK(next.get(job.id).state == State::waiting);
  }
  SECTION("that of another user is refused") {
    CHECK_FALSE(attach(own, {::getuid() + 1, 0, 1}));
    CHECK(next.get(job.id).state == State::waiting);
  }
  SECTION("without it the job goes on in the state folder, and that lasts") {
    next.advance(1min);
    const auto& task = next.threads.tasks.at(job.transfer);
    CHECK(task.kept == nullptr);
    CHECK(task.fresh_part == 2);
    CHECK_FALSE(next.get(job.id).direct);
    CHECK_FALSE(next.storage.jobs.at(job.id).direct);
    CHECK_FALSE(next.storage.transfers.at(job.transfer).into);
    CHECK(std::ranges::any_of(next.journal.lines(), [](const auto& line) {
      return line.text.find("goes on in the state folder") != std::string::npos;
    }));
  }
}

TEST_CASE_METHOD(DirectBench, "what could not be continued in the caller's file is handed out as any other") {
  const auto job = fetched(5000);
  let_go(job.transfer, 5000);
  started(job.transfer);
  auto delivered = outcome(job::Outcome::Kind::delivered, job.transfer);
  delivered.size = 5;
  delivered.restarted = true;
  delivered.checkpoint.part = threads.tasks.at(job.transfer).fresh_part;
  REQUIRE(delivered.checkpoint.part == 2);
  finish(job.transfer, delivered);
  CHECK_FALSE(publisher.publications.at(job.transfer).in_place);
  publish(job.transfer);
  CHECK_FALSE(get(job.id).direct);
  CHECK(get(job.id).path == folder.result(job.transfer));
  CHECK(std::filesystem::file_size(own) == 0);
  CHECK(descriptors.kept.empty());
}

TEST_CASE_METHOD(DirectBench, "what was kept for a job that has ended is dropped") {
  QueueBench next;
  next.descriptors.kept = {7};
  std::map<job::Id, UniqueFd> files;
  files[7] = opened(own).take();
  restart(next, std::move(files));
  CHECK(next.descriptors.kept.empty());
}

TEST_CASE_METHOD(DirectBench, "a job that is queued anew after its end is fetched into the state folder") {
  const auto job = download_into(own);
  fail(job.transfer, failure(job::RetryClass::none));
  REQUIRE(get(job.id).state == State::failed);
  REQUIRE(retry(job.id, k_self));
  CHECK_FALSE(get(job.id).direct);
  CHECK(partials() == 1);
}
