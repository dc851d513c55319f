#include "job/digest.hpp"

#include "support/catch.hpp"

using namespace concd::job;

TEST_CASE("a digest is an algorithm and as many hex digits as it has") {
  const std::string hex(64, 'A');
  const auto digest = parse_digest("sha256:" + hex);
  REQUIRE(digest);
  CHECK(digest->algorithm == "sha256");
  CHECK(digest->hex == std::string(64, 'a'));
  CHECK(to_string(*digest) == "sha256:" + std::string(64, 'a'));
}

TEST_CASE("what is not a digest is refused") {
  CHECK_FALSE(parse_digest(""));
  CHECK_FALSE(parse_digest(std::string(64, 'a')));
  CHECK_FALSE(parse_digest("sha256:abc"));
  CHECK_FALSE(parse_digest("sha3:" + std::string(64, 'a')));
  CHECK_FALSE(parse_digest("sha256:" + std::string(63, 'a') + "g"));
}
