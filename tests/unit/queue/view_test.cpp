#include "queue/view.hpp"

#include <array>

#include "support/catch.hpp"
#include "unit/queue/table_bench.hpp"

using namespace concd;
using namespace concd::test;
using namespace std::chrono_literals;
using job::Standing;
using job::State;

namespace {

const std::array<job::Phase, 7> k_phases{job::Queued{},
                                         job::Running{},
                                         job::Waiting{},
                                         job::Paused{},
                                         job::Publishing{},
                                         job::Ended{job::End::done, false},
                                         job::Ended{job::End::failed, true}};

struct Row {
  Standing standing;
  std::array<State, k_phases.size()> states;  ///< in the order of k_phases
};

template <typename T, std::size_t N>
std::array<T, N> all(T value) {
  std::array<T, N> values;
  values.fill(value);
  return values;
}

const std::array k_rows{
    Row{Standing::active,
        {State::queued, State::running, State::waiting, State::paused, State::publishing, State::publishing,
         State::publishing}},
    Row{Standing::paused, all<State, k_phases.size()>(State::paused)},
    Row{Standing::done, all<State, k_phases.size()>(State::done)},
    Row{Standing::failed, all<State, k_phases.size()>(State::failed)},
    Row{Standing::cancelled, all<State, k_phases.size()>(State::cancelled)},
};

}  // namespace

TEST_CASE("a job's standing and its transfer's phase are one state") {
  for (const auto& row : k_rows)
    for (std::size_t i = 0; i < k_phases.size(); ++i) {
      INFO(job::to_string(row.standing) << " " << job::to_string(k_phases[i]));
      job::Job job;
      job.standing = row.standing;
      CHECK(queue::state_of(job, k_phases[i]) == row.states[i]);
    }
}

TEST_CASE_METHOD(TableBench, "a queued job tells which limit holds it back") {
  places.set_limits({.active = 1});
  auto& first = add(1);
  auto& second = add(2);
  const auto& job = join(1, 1);
  const auto& queued = join(2, 2);
  for (const job::Id id : {1, 2}) places.add({id, "host"});
  CHECK_FALSE(views.of(job, first).wait);
  CHECK(places.take() == 1);
  const auto view = views.of(queued, second);
  REQUIRE(view.wait);
  CHECK(view.wait->cause->kind == job::WaitKind::slot);
  CHECK(view.wait->cause->limit == "queue.active");
  CHECK(view.wait->cause->running == 1);
}

TEST_CASE_METHOD(TableBench,
                 "a waiting job tells why and until when, a paused one of the same transfer does not") {
  const job::Waiting wait{job::WaitCause{job::WaitKind::offline, "", 0, "", 0, 0, "no route"}, 17s};
  auto& record = add(1, wait);
  CHECK(views.of(join(1, 1), record).wait == wait);
  CHECK_FALSE(views.of(join(2, 1, Standing::paused), record).wait);
}

TEST_CASE_METHOD(TableBench, "what runs tells who carries it out and how far it is") {
  auto& record = add(1, job::Running{job::ExecutorKind::process, true});
  record.transfer.checkpoint.set_durable(3);
  record.transfer.checkpoint.total = 10;
  const auto& job = join(1, 1);
  CHECK(views.of(job, record).progress.received == 3);
  CHECK(views.of(job, record).progress.total == 10U);
  record.live = std::make_unique<queue::Live>();
  record.live->progress = {5, 10, 7};
  const auto view = views.of(job, record);
  CHECK(view.executor == job::ExecutorKind::process);
  CHECK(view.progress.received == 5);
  CHECK(view.progress.rate == 7);
}

TEST_CASE_METHOD(TableBench, "a job that joined later was not started before it came") {
  auto& record = add(1);
  auto& job = join(1, 1);
  job.created = 20s;
  CHECK(views.of(job, record).started.count() == 0);
  record.transfer.history.started = 10s;
  CHECK(views.of(job, record).started == 20s);
  record.transfer.history.started = 30s;
  CHECK(views.of(job, record).started == 30s);
}

TEST_CASE_METHOD(TableBench, "a job that is done tells where its file is, until it is released") {
  job::Transfer transfer;
  transfer.id = 7;
  transfer.spec.urls = {"https://a/b"};
  transfer.phase = job::Ended{job::End::done, true};
  transfer.size = 5;
  transfer.mtime = 9s;
  transfer.failure = job::Failure{};
  job::Job job;
  job.standing = Standing::done;
  const auto view = views.of(job, transfer);
  CHECK(view.path == folder.result(7));
  CHECK(view.progress.received == 5);
  CHECK(view.mtime == 9s);
  CHECK_FALSE(view.failure);
  job.released = true;
  CHECK(views.of(job, transfer).path.empty());
  job.released = false;
  transfer.spec.name = "big";
  CHECK(views.of(job, transfer).path == folder.library("big"));
}
