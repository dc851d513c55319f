#include "worker/messages.hpp"

#include <limits>

#include "support/catch.hpp"

using namespace concd;
using namespace concd::worker;

namespace {

job::Task whole_task() {
  job::Task task;
  task.id = 17;
  task.url = "https://example.org/\xC3\xB1?k=\xFF";
  task.digest = job::parse_digest("md5:" + std::string(32, 'a'));
  task.size = std::numeric_limits<std::uint64_t>::max();
  task.checkpoint = {"https://example.org/x", 4096, 8192, {"\"e\\1\"", "Thu, 01 Jan 1970 00:00:00 GMT"}};
  task.published = {"\"old\"", ""};
  task.unpack = true;
  task.partial = "/var/lib/concd/partial/17.part";
  task.destination = std::string("/var/lib/concd/library/\x80\n");
  task.mode = 0600;
  return task;
}

job::Outcome whole_outcome() {
  job::Outcome outcome;
  outcome.kind = job::Outcome::Kind::failed;
  outcome.failure =
      job::Failure{job::FailureKind::server, job::RetryClass::retry, "503 \xE9", 503, Microseconds(7)};
  outcome.checkpoint = {"u", 1, std::nullopt, {"e", "m"}};
  outcome.validators = {"e2", "m2"};
  outcome.size = 2;
  outcome.fetched = 3;
  outcome.mtime = Microseconds(-4);
  outcome.contacted = true;
  outcome.restarted = true;
  return outcome;
}

template <typename T>
T report_again(const Report& report) {
  const auto read = decode_report(encode(report));
  REQUIRE(read);
  REQUIRE(std::holds_alternative<T>(*read));
  return std::get<T>(*read);
}

}  // namespace

TEST_CASE("a task reaches the worker whole, whatever bytes its texts have") {
  const auto task = whole_task();
  const auto read = decode_command(encode(Begin{task, "settings\xFE"}));
  REQUIRE(read);
  const auto& begin = std::get<Begin>(*read);
  CHECK(begin.settings == "settings\xFE");
  CHECK(begin.task.id == task.id);
  CHECK(begin.task.url == task.url);
  CHECK(begin.task.digest == task.digest);
  CHECK(begin.task.size == task.size);
  CHECK(begin.task.checkpoint == task.checkpoint);
  CHECK(begin.task.published == task.published);
  CHECK(begin.task.unpack == task.unpack);
  CHECK(begin.task.partial == task.partial);
  CHECK(begin.task.destination == task.destination);
  CHECK(begin.task.mode == task.mode);
}

TEST_CASE("what a task does not have stays away") {
  const auto read = decode_command(encode(Begin{}));
  REQUIRE(read);
  CHECK_FALSE(std::get<Begin>(*read).task.digest);
  CHECK_FALSE(std::get<Begin>(*read).task.size);
  CHECK_FALSE(std::get<Begin>(*read).task.checkpoint.total);
}

TEST_CASE("reports reach the daemon whole") {
  report_again<Started>(Started{});

  const auto progress = report_again<job::Progress>(job::Progress{1, 2, 3});
  CHECK(progress.received == 1);
  CHECK(progress.total == 2U);
  CHECK(progress.rate == 3);

  const auto checkpoint = whole_task().checkpoint;
  CHECK(report_again<job::Checkpoint>(checkpoint) == checkpoint);

  const auto outcome = whole_outcome();
  const auto read = report_again<job::Outcome>(outcome);
  CHECK(read.kind == outcome.kind);
  REQUIRE(read.failure);
  CHECK(read.failure->kind == outcome.failure->kind);
  CHECK(read.failure->retry_class == outcome.failure->retry_class);
  CHECK(read.failure->message == outcome.failure->message);
  CHECK(read.failure->code == outcome.failure->code);
  CHECK(read.failure->retry_after == outcome.failure->retry_after);
  CHECK(read.checkpoint == outcome.checkpoint);
  CHECK(read.validators == outcome.validators);
  CHECK(read.size == outcome.size);
  CHECK(read.fetched == outcome.fetched);
  CHECK(read.mtime == outcome.mtime);
  CHECK(read.contacted == outcome.contacted);
  CHECK(read.restarted == outcome.restarted);
}

TEST_CASE("every kind of outcome survives its name") {
  for (const auto kind :
       {job::Outcome::Kind::published, job::Outcome::Kind::unchanged, job::Outcome::Kind::stopped}) {
    job::Outcome outcome;
    outcome.kind = kind;
    CHECK(report_again<job::Outcome>(outcome).kind == kind);
  }
}

TEST_CASE("messages are written in one fixed form") {
  CHECK(encode(Stop{}) == R"({"stop":{}})");
  CHECK(encode(Started{}) == R"({"started":{}})");
  CHECK(encode(job::Progress{1, std::nullopt, 3}) == R"({"progress":{"rate":3,"received":1}})");
  CHECK(encode(whole_task().checkpoint) ==
        R"({"checkpoint":{"durable":4096,"total":8192,"url":"https://example.org/x","validators":)"
        R"({"etag":"\"e\\1\"","last_modified":"Thu, 01 Jan 1970 00:00:00 GMT"}}})");
  CHECK(encode(whole_outcome()) ==
        R"({"outcome":{"checkpoint":{"durable":1,"url":"u","validators":{"etag":"e","last_modified":"m"}},)"
        R"("contacted":true,"failure":{"code":503,"kind":"server","message":"503 é","retry_after":7,)"
        R"("retry_class":"retry"},"fetched":3,"kind":"failed","mtime":-4,"restarted":true,"size":2,)"
        R"("validators":{"etag":"e2","last_modified":"m2"}}})");
  CHECK(encode(Begin{whole_task(), "{}"}) ==
        R"({"settings":"{}","task":{"checkpoint":{"durable":4096,"total":8192,"url":"https://example.org/x",)"
        R"("validators":{"etag":"\"e\\1\"","last_modified":"Thu, 01 Jan 1970 00:00:00 GMT"}},)"
        R"("destination":"/var/lib/concd/library/)"
        "\xC2\x80"
        R"(\n","digest":"md5:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","id":17,"mode":384,)"
        R"("partial":"/var/lib/concd/partial/17.part","published":{"etag":"\"old\"","last_modified":""},)"
        R"("size":18446744073709551615,"unpack":true,"url":"https://example.org/)"
        "\xC3\x83\xC2\xB1?k=\xC3\xBF\"}}");
}

TEST_CASE("what is no report is refused with the reason") {
  const auto why = [](std::string_view text) { return decode_report(text).error(); };
  CHECK(why("") == "it is no JSON");
  CHECK(why("{\"progress\":") == "it is no JSON");
  CHECK(why("\xFF") == "it is no JSON");
  CHECK(why("7") == "message is no object");
  CHECK(why("{}") == "it is none of started, progress, checkpoint and outcome");
  CHECK(why(R"({"progress":[]})") == "message.progress is no object");
  CHECK(why(R"({"progress":{"rate":1}})") == "message.progress.received is missing");
  CHECK(why(R"({"progress":{"received":1.5}})") == "message.progress.received is no size");
  CHECK(why(R"({"progress":{"received":-1}})") == "message.progress.received is no size");
  CHECK(why(R"({"progress":{"received":18446744073709551616}})") == "message.progress.received is no size");
  CHECK(why(R"({"checkpoint":{"url":1}})") == "message.checkpoint.url is no text");
  CHECK(why(R"({"checkpoint":{"url":"\u0100"}})") == "message.checkpoint.url is no text");
  CHECK(why(R"({"checkpoint":{"url":"","durable":0,"validators":{}}})") ==
        "message.checkpoint.validators.etag is missing");
  CHECK(why(R"({"outcome":{"kind":"splendid"}})") == "there is no such outcome");
  CHECK(why(R"({"outcome":{"kind":"failed"}})") == "a failed outcome has a failure, and no other has");
  CHECK(
      why(R"({"outcome":{"kind":"failed","failure":{"kind":"x","retry_class":"none","message":"","code":0}}})") ==
      "there is no such failure");
  CHECK(
      why(R"({"outcome":{"kind":"failed","failure":{"kind":"file","retry_class":"none","message":"","code":4294967296}}})") ==
      "message.outcome.failure.code is too large");
  CHECK(why(std::string(500'000, '[')) == "it is no JSON");
  CHECK(why(std::string(500'000, '[') + std::string(500'000, ']')) == "message is no object");
}

TEST_CASE("what is no command is refused with the reason") {
  CHECK(decode_command("{}").error() == "it is none of task and stop");
  CHECK(decode_command(R"({"task":{"id":"1"}})").error() == "message.task.id is no whole number");
  CHECK(decode_command(R"({"task":{"id":18446744073709551615}})").error() ==
        "message.task.id is no whole number");
}
