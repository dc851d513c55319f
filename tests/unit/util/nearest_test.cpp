#include "util/nearest.hpp"

#include <string>

#include "support/catch.hpp"

using concd::nearest;

TEST_CASE("one typing mistake is forgiven in a short word") {
  for (const auto* word : {"limt", "limmit", "limot", "ilmit", "LIMIT", "limit"})
    CHECK(nearest(word, {"active", "limit"}) == "limit");
}

TEST_CASE("the word with the fewest mistakes wins, the first of equals") {
  CHECK(nearest("file", {"fire", "files", "filet"}) == "fire");
  CHECK(nearest("thread", {"threads", "thread"}) == "thread");
}

TEST_CASE("what is not similar is not suggested") {
  CHECK_FALSE(nearest("limit", {"heartbeat", "user"}));
  CHECK_FALSE(nearest("a", {"bcd"}));
  CHECK_FALSE(nearest("", {"a"}));
  CHECK_FALSE(nearest("a", {}));
  CHECK_FALSE(nearest(std::string(300, 'x'), {std::string_view("x")}));
}
