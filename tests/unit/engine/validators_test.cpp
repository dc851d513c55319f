#include "engine/validators.hpp"

#include "support/catch.hpp"

using namespace concd;
using namespace concd::engine;

namespace {

constexpr auto k_old = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr auto k_minute_later = "Sun, 06 Nov 1994 08:50:37 GMT";
constexpr auto k_less_than_a_minute_later = "Sun, 06 Nov 1994 08:50:36 GMT";

job::Task task(std::uint64_t durable, job::Validators validators) {
  job::Task task;
  task.url = task.checkpoint.url = "http://origin/file";
  task.checkpoint.set_durable(durable);
  task.checkpoint.total = 1000;
  task.checkpoint.validators = std::move(validators);
  return task;
}

}  // namespace

TEST_CASE("only a well-formed tag without W/ is strong") {
  CHECK(is_strong_etag("\"abc\""));
  CHECK(is_strong_etag("\"\""));
  for (const auto* const text : {"", "\"", "abc", "W/\"abc\"", "\"a b\"", "\"a\"b\"", "\"abc", "\"a\r\""})
    CHECK_FALSE(is_strong_etag(text));
}

TEST_CASE("a Last-Modified is strong once the origin's clock is a minute past it") {
  CHECK(is_strong_last_modified(k_old, k_minute_later));
  CHECK_FALSE(is_strong_last_modified(k_old, k_less_than_a_minute_later));
  CHECK_FALSE(is_strong_last_modified(k_old, k_old));
  CHECK_FALSE(is_strong_last_modified(k_old, ""));
  CHECK_FALSE(is_strong_last_modified("yesterday-ish", k_old));
  CHECK_FALSE(is_strong_last_modified(std::string(k_old) + "\r\n", k_minute_later));
}

TEST_CASE("what may serve to continue: a strong tag, or a settled date where there is no tag") {
  using V = job::Validators;
  CHECK(resumable({"\"a\"", k_old}, k_minute_later) == V{"\"a\"", ""});
  CHECK(resumable({"", k_old}, k_minute_later) == V{"", k_old});
  CHECK(resumable({"", k_old}, k_less_than_a_minute_later) == V{});
  CHECK(resumable({"W/\"a\"", k_old}, k_minute_later) == V{});
  CHECK(resumable({}, k_minute_later) == V{});
}

TEST_CASE("a partial file is continued only when all of it can be validated") {
  SECTION("a strong tag") {
    const auto plan = plan_resume(task(400, {"\"a\"", ""}), 500);
    CHECK(plan == ResumePlan{400, "\"a\"", 1000, {"\"a\"", ""}});
  }
  SECTION("a date") {
    CHECK(plan_resume(task(400, {"", k_old}), 400).if_range == k_old);
  }
  SECTION("a tag goes before a date") {
    CHECK(plan_resume(task(400, {"\"a\"", k_old}), 400).if_range == "\"a\"");
  }
  SECTION("nothing is durable") {
    CHECK(plan_resume(task(0, {"\"a\"", ""}), 400) == ResumePlan{});
  }
  SECTION("the file is shorter than what should be durable") {
    CHECK(plan_resume(task(400, {"\"a\"", ""}), 399) == ResumePlan{});
  }
  SECTION("no validator") {
    CHECK(plan_resume(task(400, {}), 400) == ResumePlan{});
  }
  SECTION("a weak tag, even with a date") {
    CHECK(plan_resume(task(400, {"W/\"a\"", k_old}), 400) == ResumePlan{});
  }
  SECTION("a date that would end its field and begin another") {
    CHECK(plan_resume(task(400, {"", std::string(k_old) + "\r\nX: y"}), 400) == ResumePlan{});
  }
  SECTION("no validator, but a digest will decide") {
    auto trusting = task(400, {});
    trusting.digest = job::Digest{"md5", std::string(32, '0')};
    const auto plan = plan_resume(trusting, 400);
    CHECK(plan.offset == 400);
    CHECK(plan.if_range.empty());
  }
  SECTION("the bytes came from another URL") {
    auto other = task(400, {"\"a\"", ""});
    other.url = "http://mirror/file";
    CHECK(plan_resume(other, 400) == ResumePlan{});
  }
  SECTION("all is here: the last byte is asked for again") {
    CHECK(plan_resume(task(1000, {"\"a\"", ""}), 1000).offset == 999);
  }
  SECTION("more is here than the file has") {
    CHECK(plan_resume(task(1001, {"\"a\"", ""}), 1001) == ResumePlan{});
  }
  SECTION("more is here than is expected") {
    auto small = task(400, {"\"a\"", ""});
    small.size = 399;
    CHECK(plan_resume(small, 400) == ResumePlan{});
  }
}

TEST_CASE("Content-Range is read strictly") {
  using R = ContentRange;
  CHECK(parse_content_range("bytes 0-499/1234") == R{0, 499, 1234});
  CHECK(parse_content_range("Bytes 5-5/6") == R{5, 5, 6});
  CHECK(parse_content_range("bytes 0-499/*") == R{0, 499, std::nullopt});
  CHECK(parse_content_range("bytes */1234") == R{std::nullopt, std::nullopt, 1234});
  for (const auto* const text :
       {"", "bytes", "bytes ", "bytes */*", "bytes 0-499", "bytes 499-0/1234", "bytes 0-1234/1234",
        "items 0-1/2", "bytes -1-5/10", "bytes 0-+5/10", "bytes 0-5/10 ", "bytes 0-5,7-8/10", "bytes=0-5/10",
        "bytes 0-4/9223372036854775808", "bytes 0-4/18446744073709551615",
        "bytes 0-99999999999999999999/999999999999999999999"})
    CHECK_FALSE(parse_content_range(text));
}

TEST_CASE("a 206 must fit what is here to the byte") {
  const ResumePlan plan{400, "\"a\"", 1000, {"\"a\"", ""}};
  const auto refused = [&](std::string_view range, std::optional<std::uint64_t> length = {},
                           job::Validators validators = {}) {
    return refuse_partial(plan, {range, length, std::move(validators)}).has_value();
  };
  CHECK_FALSE(refused("bytes 400-999/1000"));
  CHECK_FALSE(refused("bytes 400-999/1000", 600, {"\"a\"", k_old}));
  CHECK(refused(""));
  CHECK(refused("bytes */1000"));
  CHECK(refused("bytes 0-999/1000"));
  CHECK(refused("bytes 401-999/1000"));
  CHECK(refused("bytes 400-998/1000"));
  CHECK(refused("bytes 400-1999/2000"));
  CHECK(refused("bytes 400-999/*"));
  CHECK(refused("bytes 400-999/1000", 599));
  CHECK(refused("bytes 400-999/1000", 600, {"\"b\"", ""}));
}

TEST_CASE("a 206 with another date is another version") {
  const ResumePlan plan{400, k_old, 1000, {"", k_old}};
  CHECK_FALSE(refuse_partial(plan, {"bytes 400-999/1000", 600, {"", k_old}}));
  CHECK(refuse_partial(plan, {"bytes 400-999/1000", 600, {"", k_minute_later}}));
}
