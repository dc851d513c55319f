#include "util/boxed.hpp"

#include <string>

#include "support/catch.hpp"

using concd::Boxed;
using namespace std::string_literals;

TEST_CASE("a boxed value is copied, not shared") {
  Boxed<std::string> first("one"s);
  auto second = first;
  *second = "two";
  CHECK(*first == "one");
  second = first;
  CHECK(*second == "one");
  second.reset();
  CHECK_FALSE(second.has_value());
  CHECK(first.has_value());
}

TEST_CASE("a boxed value and an optional become one another") {
  const std::optional<std::string> some = "text";
  const std::optional<std::string> none;
  CHECK(*Boxed<std::string>(some) == "text");
  CHECK_FALSE(Boxed<std::string>(none));
  CHECK(std::optional<std::string>(Boxed<std::string>("text"s)) == some);
  CHECK(std::optional<std::string>(Boxed<std::string>()) == none);
}

TEST_CASE("nothing boxed equals nothing only") {
  const Boxed<std::string> nothing, something("text"s);
  CHECK(nothing == Boxed<std::string>());
  CHECK(nothing == std::optional<std::string>());
  CHECK_FALSE(nothing == std::string());
  CHECK_FALSE(nothing == something);
  CHECK(something == std::string("text"));
  CHECK(something == std::optional<std::string>("text"));
  CHECK_FALSE(something == std::optional<std::string>());
}

TEST_CASE("a boxed value is no longer than a pointer") {
  CHECK(sizeof(Boxed<std::string>) == sizeof(void*));
}
