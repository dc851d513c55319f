#include "store/queries.hpp"

#include "lib/sqlite/error.hpp"
#include "lib/sqlite/transaction.hpp"
#include "sample_job.hpp"
#include "store/open.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace concd;
using namespace std::chrono_literals;

namespace {

struct Fixture {
  test::TemporaryFolder folder;
  sqlite::Database database = store::open_database(folder.path() / "queue.db");
  store::Queries queries{database};

  job::Id add(job::State state, Microseconds finished = 0us) {
    auto job = test::new_job();
    job.state = state;
    job.finished = finished;
    return queries.insert_job(job);
  }
};

template <typename T>
std::vector<job::Id> ids(const std::vector<T>& jobs) {
  std::vector<job::Id> all;
  for (const auto& job : jobs) all.push_back(job.id);
  return all;
}

using Ids = std::vector<job::Id>;

void check_same_failure(const std::optional<job::Failure>& a, const std::optional<job::Failure>& b) {
  REQUIRE(a.has_value() == b.has_value());
  if (!a) return;
  CHECK(a->kind == b->kind);
  CHECK(a->retry_class == b->retry_class);
  CHECK(a->message == b->message);
  CHECK(a->code == b->code);
  CHECK(a->retry_after == b->retry_after);
}

void check_same_request(const job::Job& a, const job::Job& b) {
  CHECK(a.spec.source == b.spec.source);
  CHECK(a.spec.name == b.spec.name);
  CHECK(a.spec.urls == b.spec.urls);
  CHECK(a.spec.digest == b.spec.digest);
  CHECK(a.spec.size == b.spec.size);
  CHECK(a.spec.executor == b.spec.executor);
  CHECK(a.spec.unpack == b.spec.unpack);
  CHECK(a.spec.fresh_for == b.spec.fresh_for);
  CHECK(a.spec.output == b.spec.output);
  CHECK(a.spec.force == b.spec.force);
  CHECK(a.peer.uid == b.peer.uid);
  CHECK(a.peer.gid == b.peer.gid);
  CHECK(a.peer.pid == b.peer.pid);
  CHECK(a.token == b.token);
  CHECK(a.created == b.created);
}

void check_same_course(const job::Job& a, const job::Job& b) {
  CHECK(a.transfer == b.transfer);
  CHECK(a.state == b.state);
  CHECK(a.executor == b.executor);
  CHECK(a.started == b.started);
  CHECK(a.finished == b.finished);
  CHECK(a.attempts == b.attempts);
  CHECK(a.tries == b.tries);
  CHECK(a.mirror == b.mirror);
  CHECK(a.stalled == b.stalled);
  CHECK(a.contacted == b.contacted);
  CHECK(a.next_try == b.next_try);
  CHECK(a.reason == b.reason);
  check_same_failure(a.failure, b.failure);
  CHECK(a.checkpoint == b.checkpoint);
  CHECK(a.progress.received == b.progress.received);
  CHECK(a.progress.total == b.progress.total);
  CHECK(a.path == b.path);
  CHECK(a.released == b.released);
  CHECK(a.mtime == b.mtime);
}

}  // namespace

TEST_CASE("every field of a job that lasts comes back") {
  Fixture fixture;
  const auto job = test::full_job();
  const auto id = fixture.queries.insert_job(job);
  const auto back = fixture.queries.job_by_id(id);
  REQUIRE(back);
  CHECK(back->id == id);
  check_same_request(*back, job);
  check_same_course(*back, job);
}

TEST_CASE("a job with nothing but a URL comes back, and its transfer is its own") {
  Fixture fixture;
  auto job = test::new_job();
  const auto id = fixture.queries.insert_job(job);
  const auto back = fixture.queries.job_by_id(id);
  REQUIRE(back);
  check_same_request(*back, job);
  job.transfer = id;
  check_same_course(*back, job);
}

TEST_CASE("an update writes all that may change and leaves what was asked for") {
  Fixture fixture;
  auto first = test::new_job();
  first.spec.urls = {"https://one.example/file", "https://two.example/file", "https://three.example/file"};
  const auto other = fixture.queries.insert_job(first);
  auto changed = test::full_job();
  changed.id = fixture.queries.insert_job(first);
  fixture.queries.update_job(changed);
  const auto back = fixture.queries.job_by_id(changed.id);
  REQUIRE(back);
  check_same_course(*back, changed);
  check_same_request(*back, first);
  CHECK(fixture.queries.job_by_id(other)->state == job::State::queued);
}

TEST_CASE("ids rise and are never used again") {
  Fixture fixture;
  CHECK(fixture.add(job::State::queued) == 1);
  CHECK(fixture.add(job::State::queued) == 2);
  fixture.queries.delete_job(2);
  CHECK(fixture.add(job::State::queued) == 3);
  CHECK_FALSE(fixture.queries.job_by_id(2));
}

TEST_CASE("a token is one job of one user") {
  Fixture fixture;
  auto job = test::new_job();
  job.token = "mine";
  const auto id = fixture.queries.insert_job(job);
  CHECK(fixture.queries.job_by_token(job.peer.uid, "mine")->id == id);
  CHECK_FALSE(fixture.queries.job_by_token(job.peer.uid + 1, "mine"));
  CHECK_FALSE(fixture.queries.job_by_token(job.peer.uid, ""));
  CHECK_THROWS_AS(fixture.queries.insert_job(job), sqlite::Error);
  job.peer.uid += 1;
  CHECK_NOTHROW(fixture.queries.insert_job(job));
  job.token = "";
  CHECK_NOTHROW(fixture.queries.insert_job(job));
  CHECK_NOTHROW(fixture.queries.insert_job(job));
}

TEST_CASE("the unfinished jobs are those that a start goes on with") {
  Fixture fixture;
  for (const auto state : {job::State::queued, job::State::done, job::State::running, job::State::failed,
                           job::State::waiting, job::State::cancelled, job::State::paused})
    fixture.add(state);
  CHECK(ids(fixture.queries.unfinished_jobs()) == Ids{1, 3, 5, 7});
}

TEST_CASE("a list of jobs has the newest ones below a mark, in order") {
  Fixture fixture;
  for (int i = 0; i < 5; ++i) fixture.add(job::State::done);
  CHECK(ids(fixture.queries.newest_jobs(std::nullopt, 1000)) == Ids{1, 2, 3, 4, 5});
  CHECK(ids(fixture.queries.newest_jobs(std::nullopt, 2)) == Ids{4, 5});
  CHECK(ids(fixture.queries.newest_jobs(4, 2)) == Ids{2, 3});
  CHECK(fixture.queries.newest_jobs(1, 2).empty());
}

TEST_CASE("a checkpoint reaches every job of its transfer and nothing else of them") {
  Fixture fixture;
  const auto owner = fixture.add(job::State::running);
  auto joined = test::full_job();
  joined.transfer = owner;
  const auto joined_id = fixture.queries.insert_job(joined);
  const auto stranger = fixture.add(job::State::running);
  const job::Checkpoint checkpoint{"https://example.org/m2", 10, std::nullopt, {"\"2\"", "later"}};
  fixture.queries.update_checkpoint(owner, checkpoint);
  CHECK(fixture.queries.job_by_id(owner)->checkpoint == checkpoint);
  CHECK(fixture.queries.job_by_id(stranger)->checkpoint == job::Checkpoint{});
  joined.checkpoint = checkpoint;
  check_same_course(*fixture.queries.job_by_id(joined_id), joined);
}

TEST_CASE("a transfer's file is held by jobs that may still want it") {
  Fixture fixture;
  const auto owner = fixture.add(job::State::running);
  auto job = test::new_job();
  job.transfer = owner;
  const auto second = fixture.queries.insert_job(job);
  CHECK(fixture.queries.holders_of_transfer(owner) == 2);
  auto changed = *fixture.queries.job_by_id(second);
  changed.state = job::State::done;
  fixture.queries.update_job(changed);
  CHECK(fixture.queries.holders_of_transfer(owner) == 2);
  changed.released = true;
  fixture.queries.update_job(changed);
  CHECK(fixture.queries.holders_of_transfer(owner) == 1);
  changed = *fixture.queries.job_by_id(owner);
  changed.state = job::State::cancelled;
  fixture.queries.update_job(changed);
  CHECK(fixture.queries.holders_of_transfer(owner) == 0);
}

TEST_CASE("ended jobs may go when they are old or too many") {
  Fixture fixture;
  fixture.add(job::State::done, 300s);
  fixture.add(job::State::failed, 100s);
  fixture.add(job::State::queued);
  fixture.add(job::State::cancelled, 200s);
  fixture.add(job::State::done, 200s);
  CHECK(fixture.queries.prunable_jobs(0s, 100).empty());
  CHECK(ids(fixture.queries.prunable_jobs(200s, 100)) == Ids{2});
  CHECK(ids(fixture.queries.prunable_jobs(0s, 2)) == Ids{2, 4});
  CHECK(ids(fixture.queries.prunable_jobs(201s, 1)) == Ids{2, 4, 5});
  CHECK(ids(fixture.queries.prunable_jobs(0s, 0)) == Ids{1, 2, 4, 5});
}

TEST_CASE("no more than a thousand jobs are pruned at once") {
  Fixture fixture;
  sqlite::Transaction transaction(fixture.database);
  for (int i = 0; i < 1005; ++i) fixture.add(job::State::done, 1s);
  CHECK(fixture.queries.prunable_jobs(2s, 0).size() == 1000);
}

TEST_CASE("a published file is known by its name and replaced by its next version") {
  Fixture fixture;
  CHECK_FALSE(fixture.queries.artifact("a"));
  job::Artifact artifact{"b", "https://example.org/b", {"\"1\"", "then"}, 5, "sha256:00", 7s};
  fixture.queries.put_artifact(artifact);
  fixture.queries.put_artifact({"a", "https://example.org/a", {}, 1, "", 1s});
  artifact.size = 6;
  artifact.validators.etag = "\"2\"";
  fixture.queries.put_artifact(artifact);
  const auto back = fixture.queries.artifact("b");
  REQUIRE(back);
  CHECK(back->url == artifact.url);
  CHECK(back->validators == artifact.validators);
  CHECK(back->size == 6);
  CHECK(back->digest == "sha256:00");
  CHECK(back->fetched_at == 7s);
  const auto all = fixture.queries.artifacts();
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == "a");
  CHECK(all[1].name == "b");
}

TEST_CASE("a row that concd never wrote is an error that names the job") {
  Fixture fixture;
  fixture.add(job::State::queued);
  fixture.database.execute("UPDATE job SET urls = 'nonsense'");
  CHECK_THROWS_WITH(fixture.queries.job_by_id(1), ContainsSubstring("job 1"));
  fixture.database.execute("UPDATE job SET urls = '[]', executor = 'wizard'");
  CHECK_THROWS_AS(fixture.queries.unfinished_jobs().size(), sqlite::Error);
}
