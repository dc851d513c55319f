#include "queue/ledger.hpp"

#include <optional>

#include "support/catch.hpp"
#include "unit/queue/fakes/journal.hpp"
#include "unit/queue/fakes/storage.hpp"
#include "unit/queue/fakes/time.hpp"

using namespace concd;
using namespace concd::test;
using namespace std::chrono_literals;

namespace {

queue::Change new_job(job::Id id) {
  queue::Change change;
  change.new_transfers.resize(1);
  change.new_transfers[0].id = id;
  change.new_jobs.resize(1);
  change.new_jobs[0].id = change.new_jobs[0].transfer = id;
  return change;
}

struct LedgerBench {
  void turn() {
    while (time.ring_one() || storage.answer_one()) {
    }
  }
  /// Begins so many changes.
  void commit(int count) {
    for (int i = 0; i < count; ++i)
      ledger.commit(new_job(ledger.next_job()),
                    [this](const std::exception_ptr& error, const auto&) { ++(error ? refused : written); });
  }

  FakeJournal journal;
  FakeTime time;
  FakeStorage storage;
  queue::Ledger ledger{time, time.alarms(), storage};
  int written = 0, refused = 0;
};

using Groups = std::vector<std::size_t>;

}  // namespace

TEST_CASE_METHOD(LedgerBench, "numbers go on from the last ones that were given") {
  ledger.start_from({7, 9});
  CHECK(ledger.next_job() == 8);
  CHECK(ledger.next_job() == 9);
  CHECK(ledger.next_transfer() == 10);
}

TEST_CASE_METHOD(LedgerBench, "a change that comes alone is written at once") {
  commit(1);
  turn();
  commit(1);
  turn();
  CHECK(written == 2);
  CHECK(storage.groups == Groups{1, 1});
}

TEST_CASE_METHOD(LedgerBench, "changes of a burst share commits, which come at intervals") {
  commit(10);
  turn();
  CHECK(storage.groups == Groups{10});
  commit(1);
  turn();
  commit(2);
  turn();
  CHECK(storage.groups == Groups{10});
  time.pass(20ms);
  turn();
  CHECK(storage.groups == Groups{10, 3});
  CHECK(written == 13);
  commit(1);
  turn();
  CHECK(storage.groups == Groups{10, 3, 1});
}

TEST_CASE_METHOD(LedgerBench, "a change that cannot be written is told to whom it belongs") {
  storage.disk_is_full = true;
  commit(2);
  turn();
  CHECK(refused == 2);
  time.pass(10s);
  turn();
  CHECK(storage.groups == Groups{2});
}

TEST_CASE_METHOD(LedgerBench, "what must last is written again until it is on disk, as it is then") {
  auto change = new_job(1);
  bool is_done = false;
  ledger.commit_eventually([&] { return std::optional(change); }, [&] { is_done = true; });
  storage.disk_is_full = true;
  turn();
  CHECK_FALSE(is_done);
  CHECK(journal.count_text("database or disk is full") == 1);
  time.pass(1s);
  turn();
  CHECK(storage.groups == Groups{1});
  time.pass(1s);
  turn();
  CHECK(storage.groups == Groups{1, 1});
  storage.disk_is_full = false;
  change.new_jobs[0].priority = job::Priority::high;
  time.pass(2s);
  turn();
  CHECK(is_done);
  CHECK(storage.jobs.at(1).priority == job::Priority::high);
}

TEST_CASE_METHOD(LedgerBench, "what is no longer of interest is not written") {
  ledger.commit_eventually([] { return std::optional<queue::Change>(); }, [] { FAIL("it was not written"); });
  turn();
  CHECK(storage.groups.empty());
}

TEST_CASE_METHOD(LedgerBench, "what is open can be handed over before its time") {
  commit(4);
  ledger.flush();
  commit(1);
  ledger.flush();
  CHECK(storage.jobs.size() == 5);
  CHECK(written == 0);
  turn();
  CHECK(written == 5);
  CHECK(storage.groups == Groups{4, 1});
}
