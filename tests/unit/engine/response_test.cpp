#include "engine/response.hpp"

#include "support/catch.hpp"

using namespace concd;
using namespace concd::engine;
using namespace std::chrono_literals;

namespace {

Response response(const std::string& status, const std::vector<std::string>& lines) {
  Response result;
  result.begin(status);
  for (const auto& line : lines) result.add(line);
  return result;
}

std::optional<std::string> fault(const std::vector<std::string>& lines,
                                 const std::string& version = "HTTP/1.1") {
  return response(version + " 200 OK\r\n", lines).check();
}

}  // namespace

TEST_CASE("a status line is read with and without a reason") {
  CHECK(response("HTTP/1.1 404 Not here\r\n", {}).status() == 404);
  CHECK(response("HTTP/1.1 404 Not here\r\n", {}).reason() == "Not here");
  CHECK(response("HTTP/2 503\r\n", {}).status() == 503);
  CHECK(response("HTTP/2 503\r\n", {}).reason() == "Service Unavailable");
  CHECK(response("HTTP/1.1 404 \x1b[31m\r\n", {}).reason() == "?[31m");
}

TEST_CASE("fields are found whatever their case, and folded ones are joined") {
  const auto found = response("HTTP/1.1 200 OK", {"ETAG: \"a\"", "Last-Modified:  Sun,", "\t06 Nov "});
  CHECK(found.validators() == job::Validators{"\"a\"", "Sun, 06 Nov"});
}

TEST_CASE("an honest body is framed in one way") {
  CHECK_FALSE(fault({"Content-Length: 5"}));
  CHECK_FALSE(fault({"Content-Length: 5", "Content-Length: 5"}));
  CHECK_FALSE(fault({"Content-Length: 5, 5"}));
  CHECK_FALSE(fault({"Transfer-Encoding: chunked"}));
  CHECK_FALSE(fault({"Transfer-Encoding: Chunked"}));
  CHECK_FALSE(fault({"Transfer-Encoding: chunked, Chunked"}));
  CHECK_FALSE(fault({"Transfer-Encoding: chunked", "Transfer-Encoding: chunked"}));
  CHECK_FALSE(fault({"Content-Length: 9223372036854775807"}));
  CHECK_FALSE(fault({}));
}

TEST_CASE("contradictions and what was not asked for are refused") {
  CHECK(fault({"Content-Length: 5", "Content-Length: 6"}));
  CHECK(fault({"Content-Length: 5, 6"}));
  for (const auto* const length : {"", "-5", "+5", "5x", "0x5", "5.0", "99999999999999999999",
                                   "9223372036854775808", "18446744073709551615"})
    CHECK(fault({std::string("Content-Length: ") + length}));
  CHECK(fault({"Content-Length: 5", "Transfer-Encoding: chunked"}));
  CHECK(fault({"Transfer-Encoding: gzip, chunked"}));
  CHECK(fault({"Transfer-Encoding: chunked", "Transfer-Encoding: gzip"}));
  CHECK(fault({"Transfer-Encoding: chunked, identity"}));
  CHECK(fault({"Transfer-Encoding: chunked"}, "HTTP/1.0"));
  CHECK(fault({"Content-Length : 5"}));
  CHECK(fault({"ETag: \"a\"", "ETag: \"b\""}));
}

TEST_CASE("a header has at most 1000 fields") {
  std::vector<std::string> lines(1000, "X-Field: 1");
  CHECK_FALSE(fault(lines));
  lines.emplace_back("X-Field: 1");
  CHECK(fault(lines));
}

TEST_CASE("a redirect needs a place to go") {
  CHECK(response("HTTP/1.1 302 Found", {"Location: /there"}).redirects());
  CHECK_FALSE(response("HTTP/1.1 302 Found", {}).redirects());
  CHECK_FALSE(response("HTTP/1.1 200 OK", {"Location: /there"}).redirects());
}

TEST_CASE("Retry-After is seconds or a date") {
  const auto now = Microseconds(784111777'000000);  // Sun, 06 Nov 1994 08:49:37 GMT
  CHECK(parse_retry_after("120", now) == Microseconds(2min));
  CHECK(parse_retry_after("0", now) == Microseconds(0));
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:50:07 GMT", now) == Microseconds(30s));
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:40:07 GMT", now) == Microseconds(0));
  CHECK(parse_retry_after("99999999999999999999999", now) == Microseconds(10 * 365 * 24h));
  CHECK_FALSE(parse_retry_after("", now));
  CHECK_FALSE(parse_retry_after("-5", now));
  CHECK_FALSE(parse_retry_after("soon", now));
}

TEST_CASE("a validator with control characters is as good as none: it goes back to a server some day") {
  CHECK(response("HTTP/1.1 200 OK", {"ETag: \"a\"\rX: y", "Last-Modified: Sun"}).validators() ==
        job::Validators{"", "Sun"});
  CHECK(response("HTTP/1.1 200 OK", {"ETag: W/\"a\"", "Last-Modified: Sun\x7f"}).validators() ==
        job::Validators{"W/\"a\"", ""});
}
