#include <array>

#include <nlohmann/json.hpp>

#include "protocol/codec.hpp"
#include "protocol/error.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::protocol;
using nlohmann::json;

namespace {

/// The parameter that a Download with these is refused for; empty when it is taken.
std::string refused(const char* parameters) {
  const auto request = decode_request(json::parse(parameters));
  return request ? "" : request.error().parameter;
}

std::string quoted(std::size_t length, char first = 'x') {
  return "\"" + std::string(1, first) + std::string(length - 1, 'x') + "\"";
}

/// So many elements of a list more.
std::string repeated(std::size_t count) {
  std::string text;
  while (count-- > 0) text += R"(,"b")";
  return text;
}

}  // namespace

TEST_CASE("the parameter of a Download that is wrong is named") {
  CHECK(refused(R"({})") == "source");
  CHECK(refused(R"({"source":null})") == "source");
  CHECK(refused(R"({"source":5})") == "source");
  CHECK(refused(R"({"source":""})") == "source");
  CHECK(refused(R"({"source":"a\u0000b"})") == "source");
  CHECK(refused(R"({"source":"a","mirrors":"b"})") == "mirrors");
  CHECK(refused(R"({"source":"a","mirrors":[5]})") == "mirrors");
  CHECK(refused(R"({"source":"a","mirrors":[""]})") == "mirrors");
  CHECK(refused(R"({"source":"a","mirrors":["b\u0000"]})") == "mirrors");
  CHECK(refused((R"({"source":"a","mirrors":["b")" + repeated(63) + "]}").c_str()) == "mirrors");
  CHECK(refused((R"({"source":"a","mirrors":["b")" + repeated(62) + "]}").c_str()).empty());
  CHECK(refused(R"({"source":"a","executor":"fiber"})") == "executor");
  CHECK(refused(R"({"source":"a","executor":1})") == "executor");
  CHECK(refused(R"({"source":"a","digest":"sha256:12"})") == "digest");
  CHECK(refused(R"({"source":"a","digest":"crc32:12345678"})") == "digest");
  CHECK(refused(R"({"source":"a","output":"relative"})") == "output");
  CHECK(refused(R"({"source":"a","token":""})") == "token");
  CHECK(refused(R"({"source":"a","force":1})") == "force");
  CHECK(refused(R"({"source":"a","priority":"urgent"})") == "priority");
  CHECK(refused(R"({"source":"a","sauce":"b"})") == "sauce");
  CHECK(
      refused(
          R"({"source":"a","mirrors":null,"executor":null,"digest":null,"output":null,"token":null,"force":null,"priority":null})")
          .empty());
}

TEST_CASE("the texts of a Download are bounded") {
  const auto with = [](const std::string& name, const std::string& value) {
    return refused((R"({"source":"a",")" + name + "\":" + value + "}").c_str());
  };
  CHECK(refused(("{\"source\":" + quoted(k_max_source) + "}").c_str()).empty());
  CHECK(refused(("{\"source\":" + quoted(k_max_source + 1) + "}").c_str()) == "source");
  CHECK(with("output", quoted(k_max_path, '/')).empty());
  CHECK(with("output", quoted(k_max_path + 1, '/')) == "output");
  CHECK(with("token", quoted(k_max_token)).empty());
  CHECK(with("token", quoted(k_max_token + 1)) == "token");
}

TEST_CASE("an id is an integer of 64 bits") {
  const auto taken = [](const char* text) { return decode_id(json::parse(text)).has_value(); };
  CHECK(taken(R"({"id":1})"));
  CHECK(taken(R"({"id":9223372036854775807})"));
  CHECK(taken(R"({"id":-5})"));  // there is no such job, which is another error
  CHECK_FALSE(taken(R"({"id":9223372036854775808})"));
  CHECK_FALSE(taken(R"({"id":1.0})"));
  CHECK_FALSE(taken(R"({"id":"1"})"));
  CHECK_FALSE(taken(R"({"id":true})"));
  CHECK_FALSE(taken(R"({"id":1,"ids":[1]})"));
  CHECK_FALSE(taken(R"({})"));
}

TEST_CASE("a Priority needs an id and a known level") {
  const auto wrong = [](const char* text) {
    const auto request = decode_priority_request(json::parse(text));
    return request ? "" : request.error().parameter;
  };
  CHECK(wrong(R"({"id":1,"priority":"low"})").empty());
  CHECK(wrong(R"({"id":1})") == "priority");
  CHECK(wrong(R"({"id":1,"priority":null})") == "priority");
  CHECK(wrong(R"({"id":1,"priority":"urgent"})") == "priority");
  CHECK(wrong(R"({"id":1,"priority":3})") == "priority");
  CHECK(wrong(R"({"priority":"low"})") == "id");
  CHECK(wrong(R"({"id":1,"priority":"low","nice":1})") == "nice");
}

TEST_CASE("a Wait takes a bounded number of ids") {
  const auto ids = [](std::size_t count) { return json{{"ids", std::vector<int>(count, 1)}}; };
  CHECK(decode_ids(ids(0)));
  CHECK(decode_ids(ids(k_max_awaited))->size() == k_max_awaited);
  CHECK_FALSE(decode_ids(ids(k_max_awaited + 1)));
  CHECK_FALSE(decode_ids(json::parse(R"({"ids":1})")));
  CHECK_FALSE(decode_ids(json::parse(R"({"ids":[1,"2"]})")));
  CHECK_FALSE(decode_ids(json::parse(R"({"ids":[18446744073709551615]})")));
  CHECK_FALSE(decode_ids(json::parse(R"({})")));
}

TEST_CASE("a List has a limit from 1 to 1000") {
  const auto limit = [](const char* text) { return decode_list_query(json::parse(text)); };
  CHECK(limit("{}")->limit == 1000);
  CHECK(limit(R"({"limit":1})")->limit == 1);
  CHECK(limit(R"({"limit":0})").error().parameter == "limit");
  CHECK(limit(R"({"limit":1001})").error().parameter == "limit");
  CHECK(limit(R"({"before":0})").error().parameter == "before");
  CHECK(limit(R"({"finished":"yes"})").error().parameter == "finished");
}

TEST_CASE("a verb without parameters refuses any") {
  CHECK(decode_nothing(json::object()));
  CHECK(decode_nothing(json{{"x", 1}}).error().parameter == "x");
}

TEST_CASE("a job's secrets stay with the daemon") {
  job::View job;
  job.id = 1;
  job.source = "https://me:hunter2@example.org/a?token=s3cret#f";
  job.url = job.source;
  const auto text = encode_job(job).dump();
  CHECK_THAT(text, !ContainsSubstring("hunter2"));
  CHECK_THAT(text, !ContainsSubstring("s3cret"));
  CHECK(encode_job(job)["url"] == "https://***@example.org/a?***#***");
  job.source = "what?.txt";
  CHECK(encode_job(job)["source"] == "what?.txt");
}

TEST_CASE("a reply of a newer daemon is read, one that lacks something is not") {
  job::View job;
  job.id = 1;
  auto reply = encode_job_reply(job);
  reply["job"]["mood"] = "good";
  reply["weather"] = nullptr;
  CHECK(decode_job_reply(reply));
  reply["job"].erase("state");
  CHECK(decode_job_reply(reply).error().parameter == "job");
  CHECK(decode_job_reply(json::object()).error().parameter == "job");
  CHECK(decode_job_reply({{"job", 5}}).error().parameter == "job");
}

TEST_CASE("what a job waits for is told with its zeros where they say something") {
  job::View job;
  job.wait = job::Waiting{job::WaitCause{job::WaitKind::disk_space, {}, 0, {}, 100, 0, {}}, {}};
  CHECK(encode_job(job)["wait"] == json{{"kind", "disk_space"}, {"needed", 100}, {"free", 0}});
  job.wait->cause = job::WaitCause{job::WaitKind::slot, "queue.active", 0, {}, 0, 0, {}};
  CHECK(encode_job(job)["wait"] == json{{"kind", "slot"}, {"limit", "queue.active"}, {"running", 0}});
}

TEST_CASE("what is wrong inside a job's objects is told by the object") {
  job::View job;
  job.id = 1;
  const auto wrong = [&](const char* name, json value) {
    auto object = encode_job(job);
    object[name] = std::move(value);
    const auto decoded = decode_job(object);
    return decoded ? "" : decoded.error().parameter;
  };
  CHECK(wrong("wait", {{"kind", "retry"}, {"until", 5}, {"mood", "good"}}).empty());
  CHECK(wrong("wait", nullptr).empty());
  CHECK(wrong("wait", 5) == "wait");
  CHECK(wrong("wait", json::object()) == "wait");
  CHECK(wrong("wait", {{"kind", 5}}) == "wait");
  CHECK(wrong("wait", {{"kind", "disk_space"}, {"free", -1}}) == "wait");
  CHECK(wrong("failure", json::object()) == "failure");
}

TEST_CASE("words that a newer daemon has added are left out where nothing depends on them") {
  job::View job;
  job.id = 1;
  job.priority = job::Priority::high;
  auto object = encode_job(job);
  object["wait"] = {{"kind", "odd"}, {"until", 5}};
  object["failure"] = {{"kind", "odd"}, {"message", "it is odd"}};
  object["executor"] = object["priority"] = "odd";
  const auto decoded = decode_job(object);
  REQUIRE(decoded);
  CHECK_FALSE(decoded->wait);
  CHECK(decoded->failure->kind == job::FailureKind::other);
  CHECK(decoded->failure->message == "it is odd");
  CHECK(decoded->executor == job::ExecutorKind::automatic);
  CHECK(decoded->priority == job::Priority::normal);
}

TEST_CASE("a state that is not known is told from one that is missing or no word") {
  job::View job;
  job.id = 1;
  const auto error = [&](const json& state) {
    auto object = encode_job(job);
    object["state"] = state;
    return std::array{decode_job(object).error(), decode_job_reply({{"job", object}}).error(),
                      decode_jobs({{"jobs", {object}}}).error(),
                      decode_event({{"event", "done"}, {"job", object}}).error()};
  };
  for (const auto& wrong : error("odd")) CHECK(wrong.unknown_word);
  for (const auto& wrong : error(5)) CHECK_FALSE(wrong.unknown_word);
  for (const auto& wrong : error(nullptr)) CHECK_FALSE(wrong.unknown_word);
}

TEST_CASE("an event of a kind that is not known is none, one without a kind is wrong") {
  json event = encode_event({job::JobEventKind::priority, {}});
  CHECK(event["event"] == "priority");
  event["job"]["id"] = 1;
  CHECK(decode_event(event).value()->kind == job::JobEventKind::priority);
  event["event"] = "odd";
  CHECK_FALSE(decode_event(event).value());
  event["event"] = 5;
  CHECK(decode_event(event).error().parameter == "event");
}

TEST_CASE("an error that is not known or lacks a parameter is not a refusal") {
  CHECK_FALSE(refusal_of({"io.concd.Tired"}));
  CHECK_FALSE(refusal_of({"io.concd.NoSuchJob"}));
  CHECK_FALSE(refusal_of({"io.concd.WrongState", {{"id", 1}, {"state", "odd"}, {"verb", "Pause"}}}));
  CHECK(std::get<NoSuchJob>(refusal_of({"io.concd.NoSuchJob", {{"id", 5}}}).value()).id == 5);
}
