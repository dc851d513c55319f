#include "queue/journal.hpp"

#include "sd/message_id.hpp"
#include "support/catch.hpp"
#include "unit/queue/fakes/journal.hpp"

using namespace concd;
using namespace std::chrono_literals;
namespace journal = queue::journal;
namespace message_id = sd::message_id;

namespace {

struct JournalBench {
  JournalBench() {
    transfer.id = 3;
    transfer.spec.urls = {"https://me:secret@example.org/file"};
    job.id = 17;
    job.peer.uid = 1000;
  }
  test::FakeJournal::Line only(std::string_view id) const {
    const auto lines = journal.of(id);
    REQUIRE(lines.size() == 1);
    return lines[0];
  }

  test::FakeJournal journal;
  job::Job job;
  job::Transfer transfer;
};

}  // namespace

TEST_CASE_METHOD(JournalBench, "an entry has the fields of its job and no secret") {
  transfer.failure =
      job::Failure{job::FailureKind::network, job::RetryClass::retry, "connection lost", 0, {}};
  journal::changed(message_id::job_paused, "paused", {1001, 0, 77}, job, transfer, "is paused");
  const auto line = only(message_id::job_paused);
  CHECK_THAT(line.text, ContainsSubstring("job 17: "));
  CHECK_THAT(line.text, ContainsSubstring(" is paused"));
  CHECK(line.text.find("secret") == std::string::npos);
  for (const auto* const field :
       {"CONCD_EVENT=paused", "CONCD_JOB_ID=17", "CONCD_TRANSFER_ID=3", "CONCD_UID=1000",
        "CONCD_CALLER_UID=1001", "CONCD_CALLER_PID=77", "CONCD_EXECUTOR=auto", "CONCD_ERROR=connection lost"})
    CHECK(line.has(field));
  for (const auto& field : line.fields) CHECK(field.find("secret") == std::string::npos);
}

TEST_CASE_METHOD(JournalBench, "a name is told instead of its URL") {
  transfer.spec.name = "big";
  journal::changed(message_id::job_accepted, "accepted", job.peer, job, transfer, "is accepted");
  CHECK(only(message_id::job_accepted).text == "job 17: big is accepted");
  CHECK(only(message_id::job_accepted).has("CONCD_NAME=big"));
}

TEST_CASE_METHOD(JournalBench, "who carries an attempt out is told") {
  queue::Record record;
  record.transfer = transfer;
  record.transfer.phase = job::Running{job::ExecutorKind::process, true};
  record.live = std::make_unique<queue::Live>();
  SECTION("a thread") {
    record.live->execution.thread_id = "transfer-0";
    journal::started(job, record);
    CHECK(only(message_id::job_started).has("CONCD_THREAD_ID=transfer-0"));
    CHECK_THAT(only(message_id::job_started).text, ContainsSubstring("thread transfer-0"));
  }
  SECTION("a process") {
    record.live->execution.worker_pid = 4711;
    journal::started(job, record);
    CHECK(only(message_id::job_started).has("CONCD_WORKER_PID=4711"));
    CHECK(only(message_id::job_started).has("CONCD_EXECUTOR=process"));
  }
}

TEST_CASE_METHOD(JournalBench, "a wait tells its figures") {
  job::Waiting wait;
  wait.cause->kind = job::WaitKind::disk_space;
  wait.cause->needed = 2048;
  wait.cause->free = 1024;
  SECTION("without a time") {
    journal::waits(job, transfer, wait, 10s);
    const auto line = only(message_id::job_waiting);
    CHECK(line.has("CONCD_WAIT=disk_space"));
    CHECK(line.has("CONCD_BYTES_NEEDED=2048"));
    CHECK(line.has("CONCD_BYTES_FREE=1024"));
    CHECK(line.text.find("next try") == std::string::npos);
  }
  SECTION("with a time") {
    *wait.cause = {};
    wait.cause->message = "connection lost";
    wait.until = 70s;
    journal::waits(job, transfer, wait, 10s);
    const auto line = only(message_id::job_waiting);
    CHECK_THAT(line.text, ContainsSubstring("connection lost; next try in "));
    CHECK(line.has("CONCD_WAIT_UNTIL_USEC=70000000"));
  }
  journal::waits_no_more(job, transfer, wait);
  CHECK(only(message_id::job_wait_ended).has("CONCD_JOB_ID=17"));
}

TEST_CASE_METHOD(JournalBench, "ends tell bytes and time") {
  transfer.size = 5;
  SECTION("done") {
    journal::done(job, transfer, 2s);
    CHECK(only(message_id::job_done).has("CONCD_BYTES=5"));
    CHECK(only(message_id::job_done).has("CONCD_DURATION_USEC=2000000"));
  }
  SECTION("done without a fetch") {
    journal::done(job, transfer, 0s);
    CHECK_THAT(only(message_id::job_done).text, ContainsSubstring("is present and fresh"));
  }
  SECTION("failed") {
    journal::failed(job, transfer, 3, 2s);
    CHECK(only(message_id::job_failed).has("CONCD_BYTES=3"));
  }
}
