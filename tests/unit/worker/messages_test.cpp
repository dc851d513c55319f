#include "worker/messages.hpp"

#include <limits>

#include "passed.hpp"

using namespace concd;
using namespace concd::worker;

namespace {

job::Task whole_task() {
  job::Task task;
  task.id = 17;
  task.url = "https://example.org/\xC3\xB1?k=\xFF";
  task.digest = job::parse_digest("md5:" + std::string(32, 'a'));
  task.size = std::numeric_limits<std::int64_t>::max();
  task.checkpoint = {7,
                     "https://example.org/x",
                     {{0, 4096}, {5000, 1}},
                     8192,
                     {"\"e\\1\"", "Thu, 01 Jan 1970 00:00:00 GMT"}};
  task.published = {"\"old\"", ""};
  task.kept = unnamed_file("kept");
  task.fresh = unnamed_file();
  task.fresh_part = 8;
  task.met_public = true;
  task.mirrors = {{"https://mirror.example/\xFF", true}};
  return task;
}

job::Outcome whole_outcome() {
  job::Outcome outcome;
  outcome.kind = job::Outcome::Kind::failed;
  outcome.failure =
      job::Failure{job::FailureKind::server, job::RetryClass::retry, "503 \xE9", 503, Microseconds(7)};
  outcome.checkpoint = {1, "u", {{0, 1}}, std::nullopt, {"e", "m"}};
  outcome.validators = {"e2", "m2"};
  outcome.size = 2;
  outcome.fetched = 3;
  outcome.mtime = Microseconds(-4);
  outcome.contacted = true;
  outcome.met_public = true;
  outcome.restarted = true;
  outcome.validated = false;
  outcome.dropped = {{0, "gone \xE9"}};
  outcome.digest = "stays with the worker";
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
  const auto read = command_again(Begin{task, "settings\xFE", SandboxPolicy::required});
  REQUIRE(read);
  const auto& begin = std::get<Begin>(*read);
  CHECK(begin.settings == "settings\xFE");
  CHECK(begin.sandbox == SandboxPolicy::required);
  CHECK(begin.task.id == task.id);
  CHECK(begin.task.url == task.url);
  CHECK(begin.task.digest == task.digest);
  CHECK(begin.task.size == task.size);
  CHECK(begin.task.checkpoint == task.checkpoint);
  CHECK(begin.task.published == task.published);
  CHECK(same_file(begin.task.kept, task.kept));
  CHECK(same_file(begin.task.fresh, task.fresh));
  CHECK(begin.task.fresh_part == task.fresh_part);
}

TEST_CASE("what a task does not have stays away") {
  job::Task task;
  task.fresh = unnamed_file();
  const auto read = command_again(Begin{task, ""});
  REQUIRE(read);
  CHECK(same_file(std::get<Begin>(*read).task.fresh, task.fresh));
  CHECK_FALSE(std::get<Begin>(*read).task.kept);
  CHECK_FALSE(std::get<Begin>(*read).task.digest);
  CHECK_FALSE(std::get<Begin>(*read).task.size);
  CHECK_FALSE(std::get<Begin>(*read).task.checkpoint.total);
}

TEST_CASE("reports reach the daemon whole") {
  report_again<Started>(Started{});
  report_again<Alive>(Alive{});

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
  CHECK(read.met_public == outcome.met_public);
  CHECK(read.restarted == outcome.restarted);
  CHECK(read.validated == outcome.validated);
  CHECK(read.dropped == outcome.dropped);
  CHECK(read.digest.empty());

  CHECK_FALSE(report_again<Unpacked>(Unpacked{}).failure);
  const auto unpacked = report_again<Unpacked>(Unpacked{outcome.failure});
  REQUIRE(unpacked.failure);
  CHECK(unpacked.failure->message == outcome.failure->message);
}

TEST_CASE("every kind of outcome survives its name") {
  for (const auto kind :
       {job::Outcome::Kind::delivered, job::Outcome::Kind::unchanged, job::Outcome::Kind::stopped}) {
    job::Outcome outcome;
    outcome.kind = kind;
    CHECK(report_again<job::Outcome>(outcome).kind == kind);
  }
}

TEST_CASE("messages are written in one fixed form") {
  CHECK(encode(Stop{}) == R"({"stop":{}})");
  CHECK(encode(Started{}) == R"({"started":{}})");
  CHECK(encode(job::Progress{1, std::nullopt, 3}) == R"({"progress":{"rate":3,"received":1}})");
  CHECK(encode(Unpacked{}) == R"({"unpacked":{}})");
  CHECK(encode(whole_task().checkpoint) ==
        R"({"checkpoint":{"extents":[[0,4096],[5000,1]],"part":7,"total":8192,"url":"https://example.org/x",)"
        R"("validators":{"etag":"\"e\\1\"","last_modified":"Thu, 01 Jan 1970 00:00:00 GMT"}}})");
  CHECK(
      encode(whole_outcome()) ==
      R"({"outcome":{"checkpoint":{"extents":[[0,1]],"part":1,"url":"u",)"
      R"("validators":{"etag":"e","last_modified":"m"}},)"
      R"("contacted":true,"dropped":[{"index":0,"reason":"gone é"}],"failure":{"code":503,"kind":"server","message":"503 é","retry_after":7,)"
      R"("retry_class":"retry"},"fetched":3,"kind":"failed","met_public":true,"mtime":-4,"restarted":true,"size":2,)"
      R"("validated":false,"validators":{"etag":"e2","last_modified":"m2"}}})");
  CHECK(
      encode(Begin{whole_task(), "{}"}) ==
      R"({"sandbox":"auto","settings":"{}","task":{"checkpoint":{"extents":[[0,4096],[5000,1]],"part":7,"total":8192,)"
      R"("url":"https://example.org/x",)"
      R"("validators":{"etag":"\"e\\1\"","last_modified":"Thu, 01 Jan 1970 00:00:00 GMT"}},)"
      R"("digest":"md5:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","fresh":1,"fresh_part":8,"id":17,"kept":0,"met_public":true,"mirrors":[{"met_public":true,"url":"https://mirror.example/ÿ"}],)"
      R"("published":{"etag":"\"old\"","last_modified":""},)"
      R"("size":9223372036854775807,"url":"https://example.org/)"
      "\xC3\x83\xC2\xB1?k=\xC3\xBF\"}}");
  CHECK(encode(Unpack{nullptr, nullptr, {7, 8}, SandboxPolicy::required}) ==
        R"({"unpack":{"archive":0,"bytes":7,"entries":8,"folder":1,"sandbox":"require"}})");
}

TEST_CASE("extents that are not in order or beyond any file are refused") {
  const auto why = [](const std::string& extents) {
    const auto read = decode_report(R"({"checkpoint":{"part":1,"url":"","extents":)" + extents +
                                    R"(,"validators":{"etag":"","last_modified":""}}})");
    return read ? std::string() : read.error();
  };
  CHECK(why("[]").empty());
  CHECK(why("[[0,9223372036854775807]]").empty());
  CHECK(why("[[1,2],[4,1]]").empty());
  const auto* order = "the extents are not in order";
  CHECK(why("[[0,0]]") == order);
  CHECK(why("[[0,2],[2,1]]") == order);
  CHECK(why("[[0,2],[1,4]]") == order);
  CHECK(why("[[5,1],[0,1]]") == order);
  CHECK(why("[[1,9223372036854775807]]") == order);
  CHECK(why("[[9223372036854775807,9223372036854775807]]") == order);
  const auto* ranges = "message.checkpoint.extents holds something else than ranges";
  CHECK(why("[[0,9223372036854775808]]") == ranges);
  CHECK(why("[[-1,2]]") == ranges);
  CHECK(why("[[0.5,2]]") == ranges);
  CHECK(why("[[0,1,2]]") == ranges);
  CHECK(why("[0]") == ranges);
  CHECK(why("{}") == "message.checkpoint.extents is not a list");
  std::string many = "[[0,1]";
  for (int i = 1; i < 1025; ++i) many += ",[" + std::to_string(2 * i) + ",1]";
  CHECK(why(many + "]") == "message.checkpoint.extents is too long");
}

TEST_CASE("a report that cannot be read is refused with the reason") {
  const auto why = [](std::string_view text) { return decode_report(text).error(); };
  CHECK(why("") == "it is not JSON");
  CHECK(why("{\"progress\":") == "it is not JSON");
  CHECK(why("\xFF") == "it is not JSON");
  CHECK(why("7") == "message is not an object");
  CHECK(why("{}") == "it is none of started, alive, progress, checkpoint, outcome and unpacked");
  CHECK(why(R"({"progress":[]})") == "message.progress is not an object");
  CHECK(why(R"({"progress":{"rate":1}})") == "message.progress.received is missing");
  CHECK(why(R"({"progress":{"received":1.5}})") == "message.progress.received is not a size");
  CHECK(why(R"({"progress":{"received":-1}})") == "message.progress.received is not a size");
  CHECK(why(R"({"progress":{"received":18446744073709551616}})") ==
        "message.progress.received is not a size");
  CHECK(why(R"({"checkpoint":{"part":1,"url":1}})") == "message.checkpoint.url is not a text");
  CHECK(why(R"({"checkpoint":{"part":1,"url":"\u0100"}})") == "message.checkpoint.url is not a text");
  CHECK(why(R"({"checkpoint":{"part":1,"url":"","extents":[],"validators":{}}})") ==
        "message.checkpoint.validators.etag is missing");
  CHECK(why(R"({"progress":{"received":9223372036854775808}})") == "message.progress.received is too large");
  CHECK(why(R"({"progress":{"received":0,"rate":0,"total":9223372036854775808}})") ==
        "message.progress.total is too large");
  CHECK(why(R"({"checkpoint":{"part":1,"url":"","extents":[],"validators":{"etag":")" +
            std::string(65537, 'e') + R"("}}})") == "message.checkpoint.validators.etag is too long");
  CHECK(why(R"({"outcome":{"kind":"splendid"}})") == "there is no such outcome");
  CHECK(why(R"({"outcome":{"kind":"failed"}})") == "a failed outcome has a failure, and no other has");
  CHECK(
      why(R"({"outcome":{"kind":"failed","failure":{"kind":"x","retry_class":"none","message":"","code":0}}})") ==
      "there is no such failure");
  CHECK(
      why(R"({"outcome":{"kind":"failed","failure":{"kind":"file","retry_class":"none","message":"","code":4294967296}}})") ==
      "message.outcome.failure.code is too large");
  CHECK(why(std::string(500'000, '[')) == "it is not JSON");
  CHECK(
      why(R"({"outcome":{"kind":"failed","failure":{"kind":"file","retry_class":"none","message":"","code":0,"retry_after":-1}}})") ==
      "message.outcome.failure.retry_after is not a size");
  CHECK(why(std::string(500'000, '[') + std::string(500'000, ']')) == "message is not an object");
}

TEST_CASE("a command that cannot be read is refused with the reason") {
  CHECK(decode_command("{}").error() == "it is none of task, unpack and stop");
  CHECK(decode_command(R"({"task":{"id":"1"}})").error() == "message.task.id is not a whole number");
  CHECK(decode_command(R"({"task":{"id":18446744073709551615}})").error() ==
        "message.task.id is not a whole number");
}
