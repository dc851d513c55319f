#include "client/output/printable.hpp"

#include "support/catch.hpp"

using namespace concd::client;

TEST_CASE("what could steer a terminal is replaced") {
  CHECK(printable("big.iso") == "big.iso");
  CHECK(printable("a\x1b[2Jb") == "a?[2Jb");
  CHECK(printable("a\r\n\tb\x7f") == "a???b?");
  CHECK(printable(std::string("a\0b", 3)) == "a?b");
  CHECK(printable("\xC2\x9B"
                  "31m") == "?31m");  // CSI as one character of C1
  CHECK(printable("gpj.\xE2\x80\xAE"
                  "exe") == "gpj.?exe");                       // RIGHT-TO-LEFT OVERRIDE
  CHECK(printable("x\xE2\x81\xA6y\xE2\x80\xA8z") == "x?y?z");  // isolate, line separator
}

TEST_CASE("text in any language stays") {
  for (const auto* text : {"año.txt", "файл", "文件", "ملف", "🎉", "e\xCC\x81"})
    CHECK(printable(text) == text);
}

TEST_CASE("UTF-8 is told from other bytes") {
  for (const auto* text : {"", "a", "año.txt", "🎉", "\x1b"}) CHECK(is_utf8(text));
  for (const auto* text : {"\xFF", "a\xE9", "\xC0\x80", "\xED\xA0\x80"}) CHECK_FALSE(is_utf8(text));
}

TEST_CASE("bytes that are no UTF-8 are replaced, one by one") {
  CHECK(printable("a\xFF"
                  "b") == "a?b");
  CHECK(printable("\xC3") == "?");
  CHECK(printable("\xC0\x80") == "??");            // overlong NUL
  CHECK(printable("\xED\xA0\x80") == "???");       // surrogate
  CHECK(printable("\xF4\x90\x80\x80") == "????");  // beyond U+10FFFF
  CHECK(printable("\xE2\x82"
                  "a") == "??a");
}

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
