#include "queue/resolve.hpp"

#include "queue/starter.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace concd;
using namespace concd::queue;

namespace {

struct Fixture {
  test::TemporaryFolder folder;
  catalog::Catalog catalog;
  engine::Settings settings;

  Fixture() {
    folder.write("a.toml",
                 "[big]\nurls = [\"https://one/big\", \"https://two/big\"]\nsize = 5\nfresh_for = \"1h\"\n"
                 "[archive]\nurl = \"https://one/archive\"\nunpack = true\n");
    catalog = catalog::Catalog::load({folder.path()}, toml::Trust::root_or_caller);
  }

  control::Answer<Resolved> ask(const std::string& source) const {
    job::Request request;
    request.source = source;
    return resolve(request, catalog, settings);
  }

  /// Why the source is refused.
  std::string refusal(const std::string& source) const {
    const auto spec = ask(source);
    REQUIRE_FALSE(spec);
    return std::get<control::InvalidSource>(spec.error()).reason;
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a name brings what its entry says") {
  const auto resolved = ask("big");
  REQUIRE(resolved);
  CHECK(resolved->spec.name == "big");
  CHECK(resolved->spec.urls == std::vector<std::string>{"https://one/big", "https://two/big"});
  CHECK(resolved->spec.size == 5U);
  CHECK(resolved->fresh_for == std::chrono::hours(1));
}

TEST_CASE_METHOD(Fixture, "a name that is not there is answered by the nearest") {
  const auto resolved = ask("bigg");
  REQUIRE_FALSE(resolved);
  CHECK(std::get<control::UnknownName>(resolved.error()).nearest == "big");
}

TEST_CASE_METHOD(Fixture, "a URL is checked before it is taken") {
  CHECK(ask("https://example.org/a"));
  CHECK_THAT(refusal("gopher://example.org/a"), ContainsSubstring("not allowed"));
  CHECK_THAT(refusal("sim://a"), ContainsSubstring("catalog only"));
  CHECK_THAT(refusal("file:///etc/hostname"), ContainsSubstring("file_roots"));
  CHECK_THAT(refusal("https://example.org/" + std::string(8192, 'a')), ContainsSubstring("8192"));
  // libcurl would go to example.org with that password.
  CHECK(refusal("http:///me:secret@example.org/a") == "a URL without a host");
  CHECK_FALSE(refusal("https://[::1/a").empty());
}

TEST_CASE_METHOD(Fixture, "a local file may be asked for where the configuration names folders") {
  settings.file_roots = {"/srv"};
  CHECK(ask("file:///srv/a"));
}

TEST_CASE_METHOD(Fixture, "a request brings its digest and its executor along") {
  job::Request request;
  request.source = "https://example.org/a";
  request.digest = job::Digest{"md5", std::string(32, '0')};
  request.executor = job::ExecutorKind::process;
  request.mirrors = {"https://mirror.example/a", "https://b.example/a"};
  const auto resolved = resolve(request, catalog, settings);
  REQUIRE(resolved);
  CHECK(resolved->spec.urls ==
        std::vector<std::string>{request.source, request.mirrors[0], request.mirrors[1]});
  CHECK(resolved->spec.digest == request.digest);
  CHECK(resolved->spec.executor == job::ExecutorKind::process);
}

TEST_CASE_METHOD(Fixture, "a mirror that may not be had is refused by its name") {
  job::Request request;
  request.source = "https://example.org/a";
  request.mirrors = {"https://mirror.example/a", "gopher://me:secret@old.example/a"};
  const auto resolved = resolve(request, catalog, settings);
  REQUIRE_FALSE(resolved);
  CHECK(std::get<control::InvalidSource>(resolved.error()).source == "gopher://***@old.example/a");
}

TEST_CASE_METHOD(Fixture, "what a request may not change of an entry is refused") {
  job::Request request;
  request.source = "archive";
  SECTION("its digest") {
    request.digest = job::Digest{"md5", std::string(32, '0')};
  }
  SECTION("its mirrors") {
    request.mirrors = {"https://mirror.example/a"};
  }
  SECTION("who unpacks it") {
    request.executor = job::ExecutorKind::thread;
  }
  const auto resolved = resolve(request, catalog, settings);
  REQUIRE_FALSE(resolved);
  CHECK(std::holds_alternative<control::InvalidSource>(resolved.error()));
}

TEST_CASE_METHOD(Fixture, "who is to carry a job out") {
  CHECK(executor_of(ask("big")->spec, job::ExecutorKind::automatic) == job::ExecutorKind::thread);
  CHECK(executor_of(ask("big")->spec, job::ExecutorKind::process) == job::ExecutorKind::process);
  CHECK(executor_of(ask("archive")->spec, job::ExecutorKind::thread) == job::ExecutorKind::process);
}
