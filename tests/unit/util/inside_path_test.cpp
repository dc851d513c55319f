#include "util/inside_path.hpp"

#include <string>

#include "support/catch.hpp"

using namespace concd;

TEST_CASE("a path stays inside when it is relative and never goes up") {
  for (const auto* path : {"a", "a/b", "./", ".", "./a//b/", "a..b", "...", "..a/b"})
    CHECK(stays_inside(path));
  for (const auto* path : {"", "/", "/a", "..", "a/..", "../a", "a/../b", "./..", "a/../../b"})
    CHECK_FALSE(stays_inside(path));
}

TEST_CASE("a path is neither too long nor too deep") {
  CHECK(stays_inside(std::string(k_max_tree_path, 'a')));
  CHECK_FALSE(stays_inside(std::string(k_max_tree_path + 1, 'a')));
  std::string deep = "a";
  for (std::size_t i = 1; i < k_max_tree_depth; ++i) deep += "/a";
  CHECK(stays_inside(deep));
  CHECK_FALSE(stays_inside(deep + "/a"));
}

TEST_CASE("a link goes up only as far as its own folder is deep") {
  CHECK(link_stays_inside("link", "file"));
  CHECK(link_stays_inside("a/b/link", "../../file"));
  CHECK(link_stays_inside("a/b/link", "./../c"));
  CHECK(link_stays_inside("./a//link", ".."));
  CHECK_FALSE(link_stays_inside("link", ".."));
  CHECK_FALSE(link_stays_inside(".", "../file"));
  CHECK_FALSE(link_stays_inside("./", "file"));
  CHECK_FALSE(link_stays_inside("a/b/link", "../../.."));
  CHECK_FALSE(link_stays_inside("./a/link", "../../etc/passwd"));
  CHECK_FALSE(link_stays_inside("link", "/etc/passwd"));
  CHECK_FALSE(link_stays_inside("link", ""));
}

TEST_CASE("a link does not go up from where another link may have led") {
  CHECK_FALSE(link_stays_inside("link", "other/.."));
  CHECK_FALSE(link_stays_inside("a/link", "../other/../file"));
}
