#include "store/queries.hpp"

#include "lib/sqlite/error.hpp"
#include "lib/sqlite/transaction.hpp"
#include "samples.hpp"
#include "store/open.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace concd;
using namespace std::chrono_literals;
using job::Standing;

namespace {

struct Fixture {
  test::TemporaryFolder folder;
  sqlite::Database database = store::open_database(folder.path() / "queue.db");
  store::Queries queries{database};
  job::Id last = 0;

  /// Adds the next job, numbered from 1, with a transfer of the same number.
  void add(Standing standing, Microseconds finished = 0us) {
    queries.insert_transfer(test::new_transfer(++last));
    auto job = test::new_job(last, last);
    job.standing = standing;
    job.finished = finished;
    queries.insert_job(job);
  }
};

using Ids = std::vector<job::Id>;

template <typename T>
Ids ids(const std::vector<T>& rows) {
  Ids all;
  for (const auto& row : rows) all.push_back(row.id);
  return all;
}

Ids ids(const std::vector<store::StoredJob>& jobs) {
  Ids all;
  for (const auto& stored : jobs) all.push_back(stored.job.id);
  return all;
}

}  // namespace

TEST_CASE("the highest numbers that were given are known, also of what is gone") {
  Fixture fixture;
  CHECK(fixture.queries.last_ids().job == 0);
  CHECK(fixture.queries.last_ids().transfer == 0);
  fixture.queries.insert_transfer(test::new_transfer(7));
  fixture.queries.insert_transfer(test::new_transfer(3));
  fixture.queries.insert_job(test::new_job(20, 7));
  fixture.queries.insert_job(test::new_job(19, 3));
  CHECK(fixture.queries.last_ids().job == 20);
  CHECK(fixture.queries.last_ids().transfer == 7);
  fixture.queries.delete_job(20);
  CHECK(fixture.queries.delete_unused_transfer(7));
  CHECK(fixture.queries.last_ids().job == 20);
  CHECK(fixture.queries.last_ids().transfer == 7);
}

TEST_CASE("a number is given once") {
  Fixture fixture;
  fixture.add(Standing::active);
  CHECK_THROWS_AS(fixture.queries.insert_job(test::new_job(1, 1)), sqlite::Error);
}

TEST_CASE("a transfer that is there already stays as it is") {
  Fixture fixture;
  fixture.add(Standing::active);
  fixture.queries.insert_transfer(test::new_transfer(1, "https://example.org/another"));
  CHECK(fixture.queries.unfinished_transfers().front().url() == "https://example.org/file");
}

TEST_CASE("a job refers to a transfer that is there") {
  Fixture fixture;
  CHECK_THROWS_AS(fixture.queries.insert_job(test::new_job(1, 1)), sqlite::Error);
}

TEST_CASE("a token is one job of one user") {
  Fixture fixture;
  fixture.queries.insert_transfer(test::new_transfer(8));
  auto job = test::new_job(1, 8);
  job.token = "mine";
  fixture.queries.insert_job(job);
  const auto found = fixture.queries.job_by_token(job.peer.uid, "mine");
  REQUIRE(found);
  CHECK(found->job.id == 1);
  CHECK(found->transfer.id == 8);
  CHECK_FALSE(fixture.queries.job_by_token(job.peer.uid + 1, "mine"));
  CHECK_FALSE(fixture.queries.job_by_token(job.peer.uid, ""));
  job.id = 2;
  CHECK_THROWS_AS(fixture.queries.insert_job(job), sqlite::Error);
  job.peer.uid += 1;
  CHECK_NOTHROW(fixture.queries.insert_job(job));
  job.token = "";
  job.id = 3;
  CHECK_NOTHROW(fixture.queries.insert_job(job));
  job.id = 4;
  CHECK_NOTHROW(fixture.queries.insert_job(job));
}

TEST_CASE("the unfinished jobs and transfers are those that a start goes on with") {
  Fixture fixture;
  for (const auto standing :
       {Standing::active, Standing::done, Standing::paused, Standing::failed, Standing::cancelled})
    fixture.add(standing);
  CHECK(ids(fixture.queries.unfinished_jobs()) == Ids{1, 3});
  CHECK(ids(fixture.queries.unfinished_transfers()) == Ids{1, 3});
}

TEST_CASE("a transfer that many jobs want is there once") {
  Fixture fixture;
  fixture.add(Standing::cancelled);
  fixture.add(Standing::active);
  fixture.queries.insert_job(test::new_job(10, 1));
  fixture.queries.insert_job(test::new_job(11, 1));
  CHECK(ids(fixture.queries.unfinished_transfers()) == Ids{1, 2});
}

TEST_CASE("a list of jobs has the newest ones below a mark, in order, each with its transfer") {
  Fixture fixture;
  for (int i = 0; i < 5; ++i) fixture.add(Standing::done);
  fixture.queries.insert_job(test::new_job(6, 2));
  CHECK(ids(fixture.queries.newest_jobs(std::nullopt, 1000)) == Ids{1, 2, 3, 4, 5, 6});
  CHECK(ids(fixture.queries.newest_jobs(4, 2)) == Ids{2, 3});
  CHECK(fixture.queries.newest_jobs(1, 2).empty());
  const auto newest = fixture.queries.newest_jobs(std::nullopt, 2);
  REQUIRE(ids(newest) == Ids{5, 6});
  CHECK(newest[0].transfer.id == 5);
  CHECK(newest[1].transfer.id == 2);
}

TEST_CASE("a transfer's file is held by jobs that may still want it") {
  Fixture fixture;
  fixture.add(Standing::active);
  auto first = test::new_job(1, 1);
  auto second = test::new_job(2, 1);
  fixture.queries.insert_job(second);
  CHECK(fixture.queries.holders_of_transfer(1) == 2);
  second.standing = Standing::done;
  fixture.queries.update_job(second);
  CHECK(fixture.queries.holders_of_transfer(1) == 2);
  second.released = true;
  fixture.queries.update_job(second);
  CHECK(fixture.queries.holders_of_transfer(1) == 1);
  first.standing = GENERATE(Standing::cancelled, Standing::failed);
  fixture.queries.update_job(first);
  CHECK(fixture.queries.holders_of_transfer(1) == 0);
}

TEST_CASE("a direct job that is done needs nothing of the daemon any more") {
  Fixture fixture;
  fixture.add(Standing::active);
  auto direct = test::new_job(1, 1);
  direct.direct = true;
  fixture.queries.update_job(direct);
  CHECK(fixture.queries.holders_of_transfer(1) == 1);
  direct.standing = Standing::done;
  fixture.queries.update_job(direct);
  CHECK(fixture.queries.holders_of_transfer(1) == 0);
}

TEST_CASE("a transfer that has ended is held by done jobs only") {
  Fixture fixture;
  fixture.add(Standing::active);
  fixture.queries.insert_job(test::new_job(2, 1));
  auto transfer = fixture.queries.job_by_id(1)->transfer;
  transfer.phase = job::Ended{job::End::done, true};
  fixture.queries.update_transfer(transfer);
  CHECK(fixture.queries.holders_of_transfer(1) == 0);
  auto done = test::new_job(1, 1);
  done.standing = Standing::done;
  fixture.queries.update_job(done);
  CHECK(fixture.queries.holders_of_transfer(1) == 1);
}

TEST_CASE("a transfer goes when no job refers to it any more") {
  Fixture fixture;
  fixture.add(Standing::done);
  fixture.queries.insert_job(test::new_job(2, 1));
  fixture.queries.delete_job(1);
  CHECK_FALSE(fixture.queries.delete_unused_transfer(1));
  CHECK(fixture.queries.job_by_id(2)->transfer.id == 1);
  fixture.queries.delete_job(2);
  CHECK(fixture.queries.delete_unused_transfer(1));
  CHECK_FALSE(fixture.queries.delete_unused_transfer(1));
  CHECK_NOTHROW(fixture.queries.insert_transfer(test::new_transfer(1)));
}

TEST_CASE("a job that goes on with another transfer leaves the first one unused") {
  Fixture fixture;
  fixture.add(Standing::failed);
  fixture.queries.insert_transfer(test::new_transfer(2));
  fixture.queries.update_job(test::new_job(1, 2));
  CHECK(fixture.queries.job_by_id(1)->transfer.id == 2);
  CHECK(ids(fixture.queries.unfinished_transfers()) == Ids{2});
  CHECK(fixture.queries.holders_of_transfer(2) == 1);
  CHECK_FALSE(fixture.queries.delete_unused_transfer(2));
  CHECK(fixture.queries.delete_unused_transfer(1));
}

TEST_CASE("ended jobs may go when they are old or too many") {
  Fixture fixture;
  fixture.add(Standing::done, 300s);
  fixture.add(Standing::failed, 100s);
  fixture.add(Standing::active);
  fixture.add(Standing::cancelled, 200s);
  fixture.add(Standing::done, 200s);
  CHECK(fixture.queries.prunable_jobs({0s, 100, 10'000}).empty());
  CHECK(ids(fixture.queries.prunable_jobs({200s, 100, 10'000})) == Ids{2});
  CHECK(ids(fixture.queries.prunable_jobs({0s, 2, 10'000})) == Ids{2, 4});
  CHECK(ids(fixture.queries.prunable_jobs({201s, 1, 10'000})) == Ids{2, 4, 5});
  CHECK(ids(fixture.queries.prunable_jobs({0s, 0, 10'000})) == Ids{1, 2, 4, 5});
}

TEST_CASE("what has just ended does not go for others, unless it was cancelled") {
  Fixture fixture;
  fixture.add(Standing::done, 100s);
  fixture.add(Standing::failed, 200s);
  fixture.add(Standing::cancelled, 201s);
  fixture.add(Standing::done, 202s);
  CHECK(ids(fixture.queries.prunable_jobs({0s, 0, 10'000, 150s})) == Ids{1, 3});
  CHECK(ids(fixture.queries.prunable_jobs({0s, 10, 0, 150s})) == Ids{1, 3});
  CHECK(ids(fixture.queries.prunable_jobs({300s, 10, 10, 150s})) == Ids{1, 2, 3, 4});
}

TEST_CASE("a damaged job is prunable as well") {
  Fixture fixture;
  fixture.add(Standing::done, 1s);
  fixture.database.execute("UPDATE job SET priority = 'wizard'");
  const auto prunable = fixture.queries.prunable_jobs({2s, 0, 10'000});
  REQUIRE(ids(prunable) == Ids{1});
  CHECK(prunable[0].transfer == 1);
  fixture.queries.delete_job(1);
  CHECK_FALSE(fixture.queries.job_by_id(1));
}

TEST_CASE("no more than a thousand jobs are pruned at once") {
  Fixture fixture;
  sqlite::Transaction transaction(fixture.database);
  for (int i = 0; i < 1005; ++i) fixture.add(Standing::done, 1s);
  CHECK(fixture.queries.prunable_jobs({2s, 0, 10'000}).size() == 1000);
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

TEST_CASE("of each user the newest ended jobs are kept, of some another number") {
  Fixture fixture;
  for (const uid_t uid : {1, 1, 1, 2, 2, 3, 3}) {
    fixture.queries.insert_transfer(test::new_transfer(++fixture.last));
    auto job = test::new_job(fixture.last, fixture.last);
    job.standing = Standing::cancelled;
    job.finished = std::chrono::seconds(fixture.last);
    job.peer.uid = uid;
    fixture.queries.insert_job(job);
  }
  PerUser<std::uint32_t> count = 1;
  count.own = {{2, 0}, {3, 2}};
  CHECK(ids(fixture.queries.prunable_jobs({0s, 100, count})) == Ids{1, 2, 4, 5});
}

TEST_CASE("the time that was seen is kept") {
  Fixture fixture;
  CHECK(fixture.queries.seen() == 0s);
  fixture.queries.put_seen(5s);
  fixture.queries.put_seen(7s);
  CHECK(fixture.queries.seen() == 7s);
}

TEST_CASE("a file with many free pages shrinks step by step") {
  Fixture fixture;
  {
    sqlite::Transaction transaction(fixture.database);
    for (job::Id id = 1; id <= 2000; ++id) {
      auto transfer = test::new_transfer(id);
      transfer.spec.urls = {"https://example.org/" + std::string(8000, 'x')};
      fixture.queries.insert_transfer(transfer);
    }
    transaction.commit();
  }
  const auto pages = fixture.database.integer("PRAGMA page_count");
  CHECK(pages > 4000);
  CHECK_FALSE(fixture.queries.shrink());
  for (job::Id id = 1; id <= 2000; ++id) REQUIRE(fixture.queries.delete_unused_transfer(id));
  int steps = 0;
  while (fixture.queries.shrink()) ++steps;
  CHECK(steps > 3);
  CHECK(fixture.database.integer("PRAGMA page_count") < 1100);
}
