#include "engine/sources.hpp"

#include "support/catch.hpp"

using namespace concd;
using engine::HostConnections;
using engine::Sources;

namespace {

constexpr HostConnections::Limits k_limits{8, 100};
const job::Validators k_own{"\"v1\"", ""}, k_common{"", "Sun, 06 Nov 1994 08:49:37 GMT"};

struct Fixture {
  job::Task task;
  std::shared_ptr<HostConnections> hosts = std::make_shared<HostConnections>();

  Fixture() {
    task.url = "http://a/f";
    task.mirrors = {{"http://b/f", true}, {"ftp://c/f", false}, {"https://d/f", false}};
  }
  Sources divided(const job::Validators& common) {
    Sources sources(task, hosts);
    sources.divide(1000, k_own, common);
    return sources;
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "parts are brought by who has fewest connections, in order") {
  auto sources = divided(k_common);
  sources.first().active = 1;
  auto* const second = sources.next(k_limits, {});
  REQUIRE(second != nullptr);
  CHECK(second->task.url == "http://b/f");
  CHECK(second->task.met_public);
  CHECK(second->mirror == 0U);
  second->active = 1;
  auto* const third = sources.next(k_limits, {});
  REQUIRE(third != nullptr);
  CHECK(third->task.url == "https://d/f");
  CHECK(third->mirror == 2U);
  third->active = 1;
  CHECK(sources.next(k_limits, {}) == &sources.first());
  CHECK(sources.next(k_limits, {}, &sources.first()) == second);
}

TEST_CASE_METHOD(Fixture, "each is asked with what tells that its file is the same") {
  SECTION("what the mirrors keep") {
    auto sources = divided(k_common);
    CHECK(sources.first().part.if_range == k_own.etag);
    CHECK(sources.first().part.total == 1000U);
    const auto* const mirror = sources.next(k_limits, {}, &sources.first());
    REQUIRE(mirror != nullptr);
    CHECK(mirror->part.if_range == k_common.last_modified);
    CHECK(mirror->part.validators == k_common);
    CHECK(mirror->part.total == 1000U);
  }
  SECTION("or nothing, where a digest decides") {
    task.digest = job::parse_digest("md5:" + std::string(32, 'a'));
    auto sources = divided({});
    const auto* const mirror = sources.next(k_limits, {}, &sources.first());
    REQUIRE(mirror != nullptr);
    CHECK(mirror->part.if_range.empty());
  }
  SECTION("and not at all where nothing tells it") {
    auto sources = divided({});
    CHECK(sources.next(k_limits, {}, &sources.first()) == nullptr);
  }
}

TEST_CASE_METHOD(Fixture, "who was met on the internet is looked for nowhere else by the next connection") {
  struct Met : engine::Origin {
    bool is_public = false;
    [[nodiscard]] std::optional<Microseconds> due() const override { return std::nullopt; }
    void advance(Microseconds) override {}
    [[nodiscard]] bool contacted() const override { return true; }
    [[nodiscard]] bool met_public() const override { return is_public; }
  } origin;
  auto sources = divided(k_common);
  sources.first().heed(origin);
  CHECK_FALSE(sources.first().task.met_public);
  origin.is_public = true;
  sources.first().heed(origin);
  origin.is_public = false;
  sources.first().heed(origin);
  CHECK(sources.first().task.met_public);
}

TEST_CASE_METHOD(Fixture, "who brings nothing is left out, or gets fewer where others of it do") {
  auto sources = divided(k_common);
  CHECK(sources.ceiling(k_limits, {}) == 8);
  auto& second = *sources.next(k_limits, {}, &sources.first());
  second.working = 2;
  sources.refused(second, "busy", k_limits, {});
  CHECK_FALSE(second.lost);
  CHECK(second.seat.ceiling(k_limits, {}) == 2);
  second.working = 0;
  sources.refused(second, "gone", k_limits, {});
  CHECK(second.lost == "gone");
  CHECK(sources.dropped() == std::vector<job::DroppedMirror>{{0, "gone"}});
  sources.refused(sources.first(), "gone as well", k_limits, {});
  const auto* const left = sources.next(k_limits, {});
  REQUIRE(left != nullptr);
  CHECK(left->task.url == "https://d/f");
  CHECK(sources.dropped().size() == 1);
}
