#include "engine/route.hpp"

#include "bench.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::engine;

namespace {

struct Fixture {
  job::Task task;
  Settings settings;
  std::optional<Route> made;

  explicit Fixture(std::string url = "https://me:secret@one.example/a/b?q") { task.url = std::move(url); }
  Route& route() { return made ? *made : made.emplace(task, settings); }
  std::string follow(const std::string& location) {
    const auto failure = route().follow(location);
    return failure ? "failed: " + failure->message : route().url();
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a redirect leads on from where it was found") {
  CHECK(route().url() == task.url);
  CHECK(follow("../c d") == "https://me:secret@one.example/c%20d");
  CHECK(follow("https://two.example/x/y") == "https://two.example/x/y");
  CHECK(follow("z") == "https://two.example/x/z");
  CHECK(follow("//three.example") == "https://three.example/");
  CHECK(route().redirected());
}

TEST_CASE_METHOD(Fixture, "a login goes to the same scheme, host and port only") {
  task.digest = test::sha256("");
  CHECK(follow("https://one.example:443/x") == "https://me:secret@one.example:443/x");
  CHECK(follow("https://one.example:8443/x") == "https://one.example:8443/x");
  CHECK(follow("http://one.example/x") == "http://one.example/x");
  CHECK(follow("https://two.example/x") == "https://two.example/x");
  CHECK(follow("https://one.example/x") == "https://me:secret@one.example/x");
  CHECK(follow("https://you@one.example/x") == "https://you@one.example/x");
}

TEST_CASE_METHOD(Fixture, "from https to http goes only who can tell the file by its digest") {
  SECTION("without a digest") {
    const auto failure = route().follow("http://one.example/x");
    REQUIRE(failure);
    CHECK_THAT(failure->message, ContainsSubstring("redirects from https to http"));
    CHECK(failure->kind == job::FailureKind::other);
    CHECK(failure->retry_class == job::RetryClass::mirror);
    CHECK(route().url() == task.url);
  }
  SECTION("with one") {
    task.digest = test::sha256("");
    CHECK(follow("http://one.example/x") == "http://one.example/x");
  }
}

TEST_CASE_METHOD(Fixture, "a redirect leads to an allowed scheme of HTTP, and to a URL") {
  settings.schemes = {"https", "ftp"};
  for (const auto* const to :
       {"file:///etc/passwd", "ftp://one.example/x", "gopher://x/", "http://one.example/x"})
    CHECK_THAT(follow(to), ContainsSubstring("redirects to a scheme that is not allowed"));
  CHECK_THAT(follow("https://one.example:99999/"), ContainsSubstring("redirects to what is not a URL"));
}

TEST_CASE_METHOD(Fixture, "redirects are followed so many times") {
  settings.max_redirects = 2;
  CHECK(follow("/1") == "https://me:secret@one.example/1");
  CHECK(follow("/2") == "https://me:secret@one.example/2");
  CHECK(follow("/3") == "failed: one.example redirects without end");
}

TEST_CASE_METHOD(Fixture, "a proxy is asked for all but the hosts that are named") {
  settings.proxy = "http://proxy:3128";
  settings.no_proxy = {"two.example"};
  CHECK(route().proxy() == settings.proxy);
  (void)follow("https://www.two.example/");
  CHECK(route().proxy().empty());
  (void)follow("https://three.example/");
  CHECK(route().proxy() == settings.proxy);
}
