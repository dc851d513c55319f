#include "queue/resolve.hpp"

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace concd;
using namespace concd::queue;

namespace {

struct Fixture {
  test::TemporaryFolder folder;
  catalog::Catalog catalog;
  config::Config config;

  Fixture() {
    folder.write("a.toml",
                 "[big]\nurls = [\"https://one/big\", \"https://two/big\"]\nsize = 5\nfresh_for = \"1h\"\n"
                 "[archive]\nurl = \"https://one/archive\"\nunpack = true\n");
    catalog = catalog::Catalog::load({folder.path()});
  }

  control::Answer<job::Spec> ask(const std::string& source) const {
    job::Request request;
    request.source = source;
    return resolve(request, catalog, config);
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
  const auto spec = ask("big");
  REQUIRE(spec);
  CHECK(spec->name == "big");
  CHECK(spec->urls == std::vector<std::string>{"https://one/big", "https://two/big"});
  CHECK(spec->size == 5U);
  CHECK(spec->fresh_for == std::chrono::hours(1));
}

TEST_CASE_METHOD(Fixture, "a name that is not there is answered by the nearest") {
  const auto spec = ask("bigg");
  REQUIRE_FALSE(spec);
  CHECK(std::get<control::UnknownName>(spec.error()).nearest == "big");
}

TEST_CASE_METHOD(Fixture, "a URL is checked before it is taken") {
  CHECK(ask("https://example.org/a"));
  CHECK_THAT(refusal("gopher://example.org/a"), ContainsSubstring("not allowed"));
  CHECK_THAT(refusal("sim://a"), ContainsSubstring("catalog only"));
  CHECK_THAT(refusal("file:///etc/hostname"), ContainsSubstring("file_roots"));
  CHECK_THAT(refusal("https://example.org/" + std::string(8192, 'a')), ContainsSubstring("8192"));
  // libcurl would go to example.org with that password.
  CHECK(refusal("http:///me:secret@example.org/a") == "a URL without a host");
}

TEST_CASE_METHOD(Fixture, "who is to carry a job out") {
  CHECK(executor_of(*ask("big"), job::ExecutorKind::automatic) == job::ExecutorKind::thread);
  CHECK(executor_of(*ask("big"), job::ExecutorKind::process) == job::ExecutorKind::process);
  CHECK(executor_of(*ask("archive"), job::ExecutorKind::thread) == job::ExecutorKind::process);
}

TEST_CASE_METHOD(Fixture, "equal requests are one transfer, different ones are not") {
  auto one = *ask("https://example.org/a"), other = one;
  other.force = true;
  CHECK(transfer_key(one) == transfer_key(other));
  other.digest = job::Digest{"md5", std::string(32, '0')};
  CHECK(transfer_key(one) != transfer_key(other));
  CHECK(transfer_key(one) != transfer_key(*ask("https://example.org/b")));
  CHECK(transfer_key(*ask("big")) != transfer_key(*ask("archive")));
}
