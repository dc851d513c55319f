#include "util/field_value.hpp"

#include <string>

#include "support/catch.hpp"

using namespace concd;

TEST_CASE("a field's value has no control characters, and may be anything else") {
  CHECK(is_field_value(""));
  CHECK(is_field_value("W/\"caf\xc3\xa9 \xff\""));
  for (const char c : {'\0', '\t', '\n', '\r', '\x1f', '\x7f'})
    CHECK_FALSE(is_field_value(std::string("\"a") + c + "b\""));
}
