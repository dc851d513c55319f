#include "queue/transfers.hpp"

#include <array>
#include <stdexcept>

#include "sd/message_id.hpp"
#include "support/catch.hpp"
#include "unit/queue/table_bench.hpp"

using namespace concd;
using namespace concd::test;
using job::End;
using job::Ended;
using job::Paused;
using job::Phase;
using job::Publishing;
using job::Queued;
using job::Running;
using job::Standing;
using job::Waiting;

namespace {

const Running k_begun{job::ExecutorKind::thread, false};
const Running k_confirmed{job::ExecutorKind::thread, true};
const Waiting k_wait{job::WaitCause{job::WaitKind::retry, "", 0, "", 0, 0, "connection lost"}, {}};
const Ended k_decided{End::failed, false};
const Ended k_recorded{End::failed, true};

struct Row {
  const char* from;
  Phase phase;
  /// To queued, running, confirmed, waiting, paused, publishing, decided, recorded.
  std::array<bool, 8> allowed;
};

const std::array<Phase, 8> k_to{Queued{}, k_begun,      k_confirmed, k_wait,
                                Paused{}, Publishing{}, k_decided,   k_recorded};

const std::array k_rows{
    Row{"queued", Queued{}, {false, true, true, false, true, false, true, true}},
    Row{"running", k_begun, {true, false, true, true, true, true, true, true}},
    Row{"confirmed", k_confirmed, {true, false, false, true, true, true, true, true}},
    Row{"waiting", k_wait, {true, false, false, false, true, false, true, true}},
    Row{"paused", Paused{}, {true, false, false, false, false, false, true, true}},
    Row{"publishing", Publishing{}, {true, false, false, true, true, false, true, true}},
    Row{"decided", k_decided, {false, false, false, false, false, false, false, true}},
    Row{"recorded", k_recorded, {false, false, false, false, false, false, false, false}},
};

}  // namespace

TEST_CASE("a phase changes to those that may follow it, and a move to another one throws") {
  for (const auto& row : k_rows)
    for (std::size_t to = 0; to < k_to.size(); ++to) {
      INFO(row.from << " to number " << to);
      TableBench bench;
      auto& record = bench.add(1, row.phase);
      record.live = std::make_unique<queue::Live>();
      bench.join(1, 1);
      if (row.allowed[to]) {
        CHECK_NOTHROW(bench.transfers.move(record, k_to[to]));
        CHECK(record.transfer.phase.index() == k_to[to].index());
      } else {
        CHECK_THROWS_AS(bench.transfers.move(record, k_to[to]), std::logic_error);
        CHECK(record.transfer.phase.index() == row.phase.index());
        CHECK(bench.listener.events.empty());
      }
    }
}

TEST_CASE_METHOD(TableBench, "a change of phase is told to all active jobs, by number") {
  auto& record = add(1);
  record.live = std::make_unique<queue::Live>();
  join(3, 1);
  join(2, 1);
  join(4, 1, Standing::paused);
  transfers.move(record, k_begun);
  CHECK(listener.events.empty());
  transfers.move(record, k_confirmed);
  REQUIRE(listener.events.size() == 2);
  CHECK(listener.events[0].second.id == 2);
  CHECK(listener.events[1].second.id == 3);
  CHECK(journal.count(sd::message_id::job_started) == 2);
  transfers.move(record, Publishing{});
  transfers.move(record, Queued{});
  CHECK(listener.story(2) == "started:running publishing:publishing queued:queued");
  CHECK(listener.story(4).empty());
}

TEST_CASE_METHOD(TableBench, "who watches no job costs no view") {
  listener.is_watching = false;
  auto& record = add(1, k_confirmed);
  record.live = std::make_unique<queue::Live>();
  join(1, 1);
  transfers.move(record, k_wait);
  CHECK(listener.touches == 1);
  CHECK(listener.events.empty());
}

TEST_CASE_METHOD(TableBench, "a wait is told in the journal as it begins and as it ends, and is stored") {
  auto& record = add(1, k_confirmed);
  record.live = std::make_unique<queue::Live>();
  join(1, 1);
  transfers.move(record, k_wait);
  turn();
  CHECK(storage.transfers.at(1).phase.index() == Phase(k_wait).index());
  REQUIRE(journal.count(sd::message_id::job_waiting) == 1);
  CHECK(journal.of(sd::message_id::job_waiting)[0].has("CONCD_WAIT=retry"));
  CHECK(journal.count(sd::message_id::job_wait_ended) == 0);
  transfers.move(record, Queued{});
  CHECK(journal.count(sd::message_id::job_wait_ended) == 1);
  CHECK(listener.story(1) == "waiting:waiting queued:queued");
}

TEST_CASE_METHOD(TableBench, "an end is told once it is on disk, and shown as publishing until then") {
  auto& record = add(1);
  auto& job = join(1, 1);
  transfers.move(record, Ended{End::done, false},
                 [] { return job::Artifact{"big", "https://a/b", {}, 5, "", {}}; });
  CHECK(views.of(job, record).state == job::State::publishing);
  CHECK(cleaned == std::vector<job::Id>{1});
  CHECK(listener.events.empty());
  CHECK(journal.count(sd::message_id::job_done) == 0);
  turn();
  CHECK(listener.story(1) == "done:done");
  CHECK(journal.count(sd::message_id::job_done) == 1);
  CHECK(storage.jobs.at(1).standing == Standing::done);
  CHECK(storage.jobs.at(1).finished == time.realtime());
  CHECK(storage.artifacts.contains("big"));
  CHECK(transfers.jobs().empty());
  CHECK(transfers.records().empty());
  CHECK(transfers.done() == 1);
}

TEST_CASE_METHOD(TableBench, "a failure ends all active jobs, and leaves those that paused on it") {
  auto& record = add(1);
  record.transfer.failure = job::Failure{job::FailureKind::server, job::RetryClass::none, "404", 404, {}};
  join(1, 1);
  join(2, 1, Standing::paused);
  join(3, 1);
  transfers.move(record, k_decided);
  turn();
  CHECK(listener.story(1) == "failed:failed");
  CHECK(listener.story(3) == "failed:failed");
  CHECK(transfers.failed() == 2);
  REQUIRE(transfers.find_job(2) != nullptr);
  CHECK(transfers.find(1) != nullptr);
  CHECK(storage.jobs.at(2).standing == Standing::paused);
  CHECK(journal.of(sd::message_id::job_failed).at(0).has("CONCD_ERROR=404"));
}

TEST_CASE_METHOD(TableBench, "a transfer that has ended is joined no more") {
  auto& record = add(1);
  add(2, Queued{}, "https://a/other");
  join(1, 1);
  auto spec = record.transfer.spec;
  CHECK(transfers.find_equal(spec, 0) == &record);
  transfers.move(record, k_decided);
  CHECK(transfers.find_equal(spec, 0) == nullptr);
  spec.urls = {"https://a/other"};
  CHECK(transfers.find_equal(spec, 0) == transfers.find(2));
  spec.unpack = true;
  CHECK(transfers.find_equal(spec, 0) == nullptr);
}

TEST_CASE_METHOD(TableBench, "a transfer that nobody refers to is ended and forgotten") {
  auto& record = add(1);
  SECTION("when nothing goes on") {
    transfers.drop_if_unused(record);
    turn();
    CHECK(transfers.find(1) == nullptr);
    CHECK(job::to_string(storage.transfers.at(1).phase) == "cancelled");
  }
  SECTION("but not while an attempt goes on") {
    record.live = std::make_unique<queue::Live>();
    transfers.drop_if_unused(record);
    CHECK(job::is<Queued>(record.transfer.phase));
  }
  SECTION("but not while a job is about to join") {
    record.joining = 1;
    transfers.drop_if_unused(record);
    CHECK(job::is<Queued>(record.transfer.phase));
  }
  SECTION("but not while a job has paused on it") {
    join(1, 1, Standing::paused);
    transfers.drop_if_unused(record);
    CHECK(job::is<Queued>(record.transfer.phase));
  }
}

TEST_CASE_METHOD(TableBench, "a cancelled job stays until it leaves, and its transfer as long") {
  auto& record = add(1);
  auto& job = join(1, 1);
  transfers.set_standing(job, Standing::cancelled);
  CHECK(record.is_unwanted());
  transfers.drop_if_unused(record);
  turn();
  CHECK(transfers.find_job(1) != nullptr);
  REQUIRE(transfers.find(1) != nullptr);
  transfers.leave(1);
  transfers.drop_if_unused(*transfers.find(1));
  CHECK(transfers.records().empty());
}

TEST_CASE_METHOD(TableBench, "jobs pause and come back, each beside the others") {
  auto& record = add(1);
  auto& first = join(1, 1);
  join(2, 1);
  transfers.set_standing(first, Standing::paused);
  CHECK(record.active == std::vector<job::Id>{2});
  CHECK(record.paused == std::vector<job::Id>{1});
  transfers.set_standing(first, Standing::active);
  CHECK(record.active == std::vector<job::Id>{1, 2});
  CHECK(record.paused.empty());
}

TEST_CASE_METHOD(TableBench,
                 "a transfer is as urgent, and as forced, as the most demanding of its active jobs") {
  auto& record = add(1);
  auto& first = join(1, 1);
  join(2, 1).priority = job::Priority::low;
  first.priority = job::Priority::high;
  first.force = true;
  CHECK(transfers.priority(record) == job::Priority::high);
  CHECK(transfers.is_forced(record));
  transfers.set_standing(first, Standing::paused);
  CHECK(transfers.priority(record) == job::Priority::low);
  CHECK_FALSE(transfers.is_forced(record));
}
