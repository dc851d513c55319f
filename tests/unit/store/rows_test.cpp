// Whether every field of a job and of a transfer comes back from the database.
#include <limits>

#include "samples.hpp"
#include "store/open.hpp"
#include "store/queries.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace concd;
using namespace std::chrono_literals;

namespace {

struct Fixture {
  test::TemporaryFolder folder;
  sqlite::Database database = store::open_database(folder.path() / "queue.db");
  store::Queries queries{database};

  /// A transfer is seen by what joins it to a job.
  job::Transfer back(job::Id id) {
    for (auto& transfer : queries.unfinished_transfers())
      if (transfer.id == id) return transfer;
    FAIL("there is no such transfer");
    return {};
  }

  job::Transfer through_database(const job::Transfer& transfer) {
    queries.insert_transfer(transfer);
    queries.insert_job(test::new_job(transfer.id, transfer.id));
    return back(transfer.id);
  }
};

void check_same_failure(const std::optional<job::Failure>& a, const std::optional<job::Failure>& b) {
  REQUIRE(a.has_value() == b.has_value());
  if (!a) return;
  CHECK(a->kind == b->kind);
  CHECK(a->retry_class == b->retry_class);
  CHECK(a->message == b->message);
  CHECK(a->code == b->code);
  CHECK(a->retry_after == b->retry_after);
}

void check_same_spec(const job::Spec& a, const job::Spec& b) {
  CHECK(a.name == b.name);
  CHECK(a.urls == b.urls);
  CHECK(a.digest == b.digest);
  CHECK(a.size == b.size);
  CHECK(a.executor == b.executor);
  CHECK(a.unpack == b.unpack);
}

void check_same_history(const job::History& a, const job::History& b) {
  CHECK(a.started == b.started);
  CHECK(a.attempts == b.attempts);
  CHECK(a.tries == b.tries);
  CHECK(a.waits == b.waits);
  CHECK(a.furthest == b.furthest);
  CHECK(a.stalled == b.stalled);
  CHECK(a.tried_for == b.tried_for);
  CHECK(a.contacted == b.contacted);
  CHECK(a.met_public == b.met_public);
}

void check_same_course(const job::Transfer& a, const job::Transfer& b) {
  CHECK(a.mirror == b.mirror);
  CHECK(a.checkpoint == b.checkpoint);
  check_same_history(a.history, b.history);
  check_same_failure(a.failure, b.failure);
  CHECK(to_string(a.phase) == to_string(b.phase));
  CHECK(a.size == b.size);
  CHECK(a.mtime == b.mtime);
}

void check_same(const job::Transfer& a, const job::Transfer& b) {
  CHECK(a.id == b.id);
  check_same_spec(a.spec, b.spec);
  check_same_course(a, b);
}

void check_same_request(const job::Job& a, const job::Job& b) {
  CHECK(a.peer.uid == b.peer.uid);
  CHECK(a.peer.gid == b.peer.gid);
  CHECK(a.peer.pid == b.peer.pid);
  CHECK(a.force == b.force);
  CHECK(a.token == b.token);
  CHECK(a.output == b.output);
  CHECK(a.created == b.created);
}

void check_same_course(const job::Job& a, const job::Job& b) {
  CHECK(a.id == b.id);
  CHECK(a.transfer == b.transfer);
  CHECK(a.standing == b.standing);
  CHECK(a.priority == b.priority);
  CHECK(a.released == b.released);
  CHECK(a.finished == b.finished);
}

void check_same(const job::Job& a, const job::Job& b) {
  check_same_request(a, b);
  check_same_course(a, b);
}

}  // namespace

TEST_CASE("every field of a job and of its transfer comes back") {
  Fixture fixture;
  const auto transfer = test::full_transfer(77);
  const auto job = test::full_job(9, 77);
  fixture.queries.insert_transfer(transfer);
  fixture.queries.insert_job(job);
  const auto back = fixture.queries.job_by_id(9);
  REQUIRE(back);
  check_same(back->job, job);
  check_same(back->transfer, transfer);
}

TEST_CASE("a job with nothing but a URL and its transfer come back") {
  Fixture fixture;
  test::add(fixture.queries, 1);
  const auto back = fixture.queries.job_by_id(1);
  REQUIRE(back);
  check_same(back->job, test::new_job(1, 1));
  check_same(back->transfer, test::new_transfer(1));
}

TEST_CASE("every standing and every priority of a job comes back") {
  Fixture fixture;
  fixture.queries.insert_transfer(test::new_transfer(1));
  auto job = test::new_job(1, 1);
  fixture.queries.insert_job(job);
  using enum job::Standing;
  for (const auto standing : {active, paused, done, failed, cancelled})
    for (const auto priority :
         {job::Priority::low, job::Priority::normal, job::Priority::high, job::Priority::foreground}) {
      job.standing = standing;
      job.priority = priority;
      fixture.queries.update_job(job);
      check_same(fixture.queries.job_by_id(1)->job, job);
    }
}

TEST_CASE("every phase comes back as it was stored") {
  Fixture fixture;
  auto transfer = test::new_transfer(1);
  SECTION("queued") {
    transfer.phase = job::Queued{};
    CHECK(job::is<job::Queued>(fixture.through_database(transfer).phase));
  }
  SECTION("running") {
    const auto executor = GENERATE(job::ExecutorKind::thread, job::ExecutorKind::process);
    transfer.phase = job::Running{executor};
    CHECK(std::get<job::Running>(fixture.through_database(transfer).phase).executor == executor);
  }
  SECTION("paused") {
    transfer.phase = job::Paused{};
    CHECK(job::is<job::Paused>(fixture.through_database(transfer).phase));
  }
  SECTION("publishing") {
    transfer.phase = job::Publishing{};
    CHECK(job::is<job::Publishing>(fixture.through_database(transfer).phase));
  }
  SECTION("ended, which is recorded by that") {
    const auto end = GENERATE(job::End::done, job::End::failed, job::End::cancelled);
    transfer.phase = job::Ended{end, false};
    const auto back = std::get<job::Ended>(fixture.through_database(transfer).phase);
    CHECK(back.end == end);
    CHECK(back.recorded);
  }
}

TEST_CASE("every cause of a wait comes back with its figures") {
  Fixture fixture;
  using enum job::WaitKind;
  const auto kind =
      GENERATE(slot, host_slot, user_slot, host_backoff, offline, disk_space, local_resource, retry);
  const bool has_figures = GENERATE(true, false);
  job::Waiting waiting{job::WaitCause{kind, "", 0, "", 0, 0, ""}, 0us};
  if (has_figures)
    waiting = {
        job::WaitCause{kind, "queue.active", 4, "example.org:443", 5'000'000'000, 17, "the disk is full"},
        1'700'000'000'000'005us};
  auto transfer = test::new_transfer(1);
  transfer.phase = waiting;
  CHECK(std::get<job::Waiting>(fixture.through_database(transfer).phase) == waiting);
}

TEST_CASE("nothing of a phase and of a failure is left when they have passed") {
  Fixture fixture;
  auto transfer = test::full_transfer(1);
  transfer.phase = job::Waiting{job::WaitCause{job::WaitKind::disk_space, "", 0, "", 10, 5, "full"}, 7us};
  (void)fixture.through_database(transfer);
  transfer.phase = job::Queued{};
  transfer.failure.reset();
  fixture.queries.update_transfer(transfer);
  check_same(fixture.back(1), transfer);
  transfer.phase = job::Waiting{job::WaitCause{job::WaitKind::offline, "", 0, "", 0, 0, "no route"}, 0us};
  fixture.queries.update_transfer(transfer);
  CHECK(fixture.back(1).phase.index() == transfer.phase.index());
  CHECK(std::get<job::Waiting>(fixture.back(1).phase) == std::get<job::Waiting>(transfer.phase));
}

TEST_CASE("sizes have all 64 bits") {
  Fixture fixture;
  constexpr auto k_max = std::numeric_limits<std::uint64_t>::max();
  auto transfer = test::new_transfer(1);
  transfer.spec.size = k_max;
  transfer.size = k_max - 1;
  transfer.history.furthest = k_max - 2;
  transfer.checkpoint.total = k_max;
  transfer.checkpoint.extents = {{0, 1}, {k_max - 5, 5}};
  const job::Waiting waiting{job::WaitCause{job::WaitKind::disk_space, "", 0, "", k_max, k_max - 3, ""}, 0us};
  transfer.phase = waiting;
  const auto back = fixture.through_database(transfer);
  check_same(back, transfer);
  CHECK(std::get<job::Waiting>(back.phase) == waiting);
}

TEST_CASE("an update of a transfer writes all that may change and leaves what is fetched") {
  Fixture fixture;
  auto first = test::new_transfer(1);
  first.spec.urls = {"https://one.example/file", "https://two.example/file", "https://three.example/file"};
  (void)fixture.through_database(first);
  (void)fixture.through_database(test::new_transfer(2));
  const auto changed = test::full_transfer(1);
  fixture.queries.update_transfer(changed);
  const auto back = fixture.back(1);
  check_same_course(back, changed);
  check_same_spec(back.spec, first.spec);
  check_same(fixture.back(2), test::new_transfer(2));
}

TEST_CASE("an update of a checkpoint writes it alone, and that of its transfer alone") {
  Fixture fixture;
  auto transfer = test::full_transfer(1);
  (void)fixture.through_database(transfer);
  (void)fixture.through_database(test::new_transfer(2));
  transfer.checkpoint = {5, "https://example.org/m2", {{10, 20}}, std::nullopt, {"\"2\"", "later"}};
  fixture.queries.update_checkpoint(1, transfer.checkpoint);
  check_same(fixture.back(1), transfer);
  check_same(fixture.back(2), test::new_transfer(2));
  fixture.queries.update_checkpoint(1, {});
  CHECK(fixture.back(1).checkpoint == job::Checkpoint{});
}

TEST_CASE("an update of a job writes all that may change and leaves what was asked for") {
  Fixture fixture;
  test::add(fixture.queries, 1);
  test::add(fixture.queries, 2);
  const auto changed = test::full_job(1, 2);
  fixture.queries.update_job(changed);
  const auto back = fixture.queries.job_by_id(1);
  REQUIRE(back);
  check_same_course(back->job, changed);
  check_same_request(back->job, test::new_job(1, 1));
  CHECK(back->transfer.id == 2);
  check_same(fixture.queries.job_by_id(2)->job, test::new_job(2, 2));
}

TEST_CASE("a row that concd never wrote is an error that names the job or the transfer") {
  Fixture fixture;
  fixture.queries.insert_transfer(test::new_transfer(5));
  fixture.queries.insert_job(test::new_job(3, 5));
  const auto check_damaged = [&](const std::string& sql, const std::string& named) {
    fixture.database.execute(sql);
    CAPTURE(sql);
    CHECK_THROWS_WITH(fixture.queries.job_by_id(3), ContainsSubstring(named));
    CHECK_THROWS_WITH(fixture.queries.newest_jobs({}, 10), ContainsSubstring("--recover"));
  };
  SECTION("a job") {
    const auto* const sql = GENERATE("standing = 'wizard'", "priority = ''", "force = 2", "uid = -1",
                                     "gid = 5000000000", "pid = 5000000000");
    check_damaged(std::string("UPDATE job SET ") + sql, "job 3");
  }
  SECTION("a transfer") {
    const auto* const sql =
        GENERATE("urls = 'nonsense'", "urls = '[]'", "urls = '[1]'", "mirror = 1", "mirror = -1",
                 "digest = 'sha256:12'", "requested_executor = 'wizard'", "unpack = 7", "phase = 'asleep'",
                 "phase = 'running'", "phase = 'waiting'", "phase = 'waiting', wait_kind = 'tea'",
                 "failure_kind = 'bad'", "failure_kind = 'server'", "checkpoint_extents = ''",
                 "checkpoint_extents = '[1]'", "checkpoint_extents = '[[0]]'",
                 "checkpoint_extents = '[[0,0]]'", "checkpoint_extents = '[[-1,2]]'",
                 "checkpoint_extents = '[[0,1,2]]'", "checkpoint_extents = '[[0,5],[4,1]]'",
                 "checkpoint_extents = '[[18446744073709551615,2]]'", "attempts = -1");
    check_damaged(std::string("UPDATE transfer SET ") + sql, "transfer 5");
    CHECK_THROWS_WITH(fixture.queries.unfinished_transfers(), ContainsSubstring("transfer 5"));
  }
  SECTION("a transfer that is missing") {
    fixture.database.execute("PRAGMA foreign_keys = OFF");
    check_damaged("DELETE FROM transfer", "job 3");
    CHECK_THROWS_WITH(fixture.queries.unfinished_transfers(), ContainsSubstring("transfer 5"));
  }
}
