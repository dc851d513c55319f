#pragma once

// Catch2 is version 2 in Debian 12 and version 3 in Debian 13; the tests use what both have.
#ifdef CONCD_CATCH2_V3
#include <catch2/catch_all.hpp>
using Catch::Matchers::ContainsSubstring;
#else
#include <catch2/catch.hpp>
inline auto ContainsSubstring(const std::string& text) {
  return Catch::Matchers::Contains(text);
}
#endif
