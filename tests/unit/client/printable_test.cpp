#include "client/output/printable.hpp"

#include "support/catch.hpp"

using namespace concd::client;

TEST_CASE("columns are counted as a terminal shows them") {
  CHECK(columns_of("abc") == 3);
  CHECK(columns_of("año") == 3);
  CHECK(columns_of("文件") == 4);
  CHECK(columns_of("e\xCC\x81") == 1);
}

TEST_CASE("text is cut and padded to columns, never in the middle of a character") {
  CHECK(cut("abcdef", 6) == "abcdef");
  CHECK(cut("abcdef", 4) == "abc…");
  CHECK(cut("文件文件", 4) == "文…");
  CHECK(cut("abc", 0).empty());
  CHECK(padded("ab", 4) == "ab  ");
  CHECK(padded_left("ab", 4) == "  ab");
  CHECK(padded("文件", 3) == "文…");
  CHECK(columns_of(padded("文件文", 4)) == 4);
}
