#include "util/shown.hpp"

#include "support/catch.hpp"

using concd::shown;

TEST_CASE("a stranger's text cannot steer a terminal, nor fill it") {
  CHECK(shown("a\x1B[2Jb\n\x7F") == "a?[2Jb??");
  CHECK(shown("naïve") == "naïve");
  CHECK(shown(nullptr).empty());
  CHECK(shown(std::string(200, 'x').c_str()) == std::string(200, 'x'));
  CHECK(shown(std::string(201, 'x').c_str()) == std::string(200, 'x') + "...");
}
