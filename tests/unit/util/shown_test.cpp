#include "util/shown.hpp"

#include <array>
#include <string>

#include "support/catch.hpp"
#include "util/url.hpp"

using namespace concd;

namespace {

/// What a stranger's character becomes. Where `escaped` is nullptr it is shown as it is.
struct Case {
  std::string character;
  const char* escaped;
};

const std::array k_cases{
    Case{"a", nullptr},
    Case{"ñ", nullptr},
    Case{"ф", nullptr},
    Case{"文", nullptr},
    Case{"م", nullptr},
    Case{"🎉", nullptr},
    Case{"e\xCC\x81", nullptr},
    Case{"?", nullptr},
    Case{"\\", nullptr},
    Case{std::string(1, '\0'), "\\x00"},
    Case{"\n", "\\x0A"},
    Case{"\r", "\\x0D"},
    Case{"\x1B", "\\x1B"},                    // ESC
    Case{"\x7F", "\\x7F"},                    // DEL
    Case{"\xC2\x80", "\\u0080"},              // the first of C1
    Case{"\xC2\x9B", "\\u009B"},              // CSI as one character
    Case{"\xC2\x9F", "\\u009F"},              // the last of C1
    Case{"\xC2\xAD", "\\u00AD"},              // SOFT HYPHEN
    Case{"\xD8\x9C", "\\u061C"},              // ARABIC LETTER MARK
    Case{"\xE2\x80\x8B", "\\u200B"},          // ZERO WIDTH SPACE
    Case{"\xE2\x80\x8D", "\\u200D"},          // ZERO WIDTH JOINER
    Case{"\xE2\x80\x8F", "\\u200F"},          // RIGHT-TO-LEFT MARK
    Case{"\xE2\x80\xA8", "\\u2028"},          // LINE SEPARATOR
    Case{"\xE2\x80\xAE", "\\u202E"},          // RIGHT-TO-LEFT OVERRIDE
    Case{"\xE2\x81\xA0", "\\u2060"},          // WORD JOINER
    Case{"\xE2\x81\xA6", "\\u2066"},          // LEFT-TO-RIGHT ISOLATE
    Case{"\xE3\x85\xA4", "\\u3164"},          // HANGUL FILLER
    Case{"\xEF\xBB\xBF", "\\uFEFF"},          // BYTE ORDER MARK
    Case{"\xF3\xA0\x81\x81", "\\U000E0041"},  // TAG LATIN CAPITAL LETTER A
    Case{"\xFF", "\\xFF"},
    Case{"\xE9", "\\xE9"},                             // Latin-1
    Case{"\xC3", "\\xC3"},                             // cut off
    Case{"\xC0\x80", "\\xC0\\x80"},                    // overlong NUL
    Case{"\xED\xA0\x80", "\\xED\\xA0\\x80"},           // surrogate
    Case{"\xF4\x90\x80\x80", "\\xF4\\x90\\x80\\x80"},  // beyond U+10FFFF
};

std::string percent_encoded(const std::string& text) {
  static constexpr auto k_digits = "0123456789ABCDEF";
  std::string result;
  for (const unsigned char c : text) result.append({'%', k_digits[c >> 4], k_digits[c & 15]});
  return result;
}

}  // namespace

TEST_CASE("what could steer a terminal or deceive a reader is escaped, everything else stays") {
  for (const auto& [character, escaped] : k_cases) {
    INFO(percent_encoded(character));
    const auto text = "<" + character + ">";
    CHECK(is_plain(text) == (escaped == nullptr));
    CHECK(printable(text) == (escaped == nullptr ? text : "<" + std::string(escaped) + ">"));
    CHECK(is_plain(printable(text)));
  }
}

TEST_CASE("in the name of a file it is replaced") {
  for (const auto& [character, escaped] : k_cases) {
    INFO(percent_encoded(character));
    const auto name = url_file_name("https://h/a" + percent_encoded(character) + ".txt");
    CHECK(is_plain(name));
    if (escaped == nullptr) CHECK(name == "a" + character + ".txt");
    if (escaped != nullptr) CHECK(name.starts_with("a_"));
    CHECK(plain(character) == (escaped == nullptr ? character : name.substr(1, name.size() - 5)));
  }
}

TEST_CASE("UTF-8 is told from other bytes") {
  for (const auto* text : {"", "a", "año.txt", "🎉", "\x1b"}) CHECK(is_utf8(text));
  for (const auto* text : {"\xFF", "a\xE9", "\xC0\x80", "\xED\xA0\x80"}) CHECK_FALSE(is_utf8(text));
}

TEST_CASE("a stranger's text cannot fill a terminal") {
  CHECK(shown(nullptr).empty());
  CHECK(shown(std::string(200, 'x').c_str()) == std::string(200, 'x'));
  CHECK(shown(std::string(201, 'x').c_str()) == std::string(200, 'x') + "...");
  CHECK(printable("aññ", 2) == "a...");
  CHECK(printable("aññ", 3) == "añ...");
  CHECK(printable(std::string(1 << 20, '\xBF'), 4) == "...");
  CHECK(printable(std::string(1 << 20, 'x')).size() < (17 << 10));
}
