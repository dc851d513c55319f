#include "protocol/message.hpp"

#include "protocol/bounded_json.hpp"
#include "support/catch.hpp"

using namespace concd::protocol;

TEST_CASE("a call is read with its flags, and null is the same as absent") {
  const auto call = parse_call(R"({"method":"a.B","parameters":{"x":1},"more":true,"oneway":null,"else":5})");
  REQUIRE(call);
  CHECK(call->method == "a.B");
  CHECK(call->parameters == nlohmann::json{{"x", 1}});
  CHECK(call->more);
  CHECK_FALSE(call->oneway);
  CHECK_FALSE(call->upgrade);
  CHECK(parse_call(R"({"method":"a.B","parameters":null})")->parameters == nlohmann::json::object());
}

TEST_CASE("a member of a call that is of the wrong type is named") {
  const auto wrong = [](std::string_view text) { return parse_call(text).error().member; };
  CHECK(wrong("{}") == "method");
  CHECK(wrong(R"({"method":5})") == "method");
  CHECK(wrong(R"({"method":"a.B","parameters":[]})") == "parameters");
  CHECK(wrong(R"({"method":"a.B","more":1})") == "more");
  CHECK(wrong(R"({"method":"a.B","oneway":"yes"})") == "oneway");
  CHECK(wrong(R"({"method":"a.B","upgrade":{}})") == "upgrade");
}

TEST_CASE("what is not a JSON object says why, and names no member") {
  for (const auto* text : {"", "[]", "null", "{", "{\"method\":\"a.B\"}x", "{'method':1}", "\"a\"", "nan",
                           "{\"a\":1e999}", "\xff\xfe", "{\"method\":\"\xc3\x28\"}"}) {
    INFO(text);
    const auto call = parse_call(text);
    REQUIRE_FALSE(call);
    CHECK(call.error().member.empty());
    CHECK_FALSE(call.error().reason.empty());
    CHECK_FALSE(parse_reply(text));
  }
}

TEST_CASE("a mebibyte of brackets is refused before it is built") {
  for (const auto* bracket : {"[", "{\"a\":", "[[],"}) {
    std::string text;
    while (text.size() < (1 << 20)) text += bracket;
    CHECK_THAT(parse_call(text).error().reason, ContainsSubstring("nested too deeply"));
  }
}

TEST_CASE("JSON may be nested to the limit and not deeper") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(parse_bounded_json(nested(k_json_depth)));
  CHECK_FALSE(parse_bounded_json(nested(k_json_depth + 1)));
  // Side by side is not inside one another.
  CHECK(parse_bounded_json("[" + nested(k_json_depth - 1) + "," + nested(k_json_depth - 1) + "]"));
}

TEST_CASE("JSON may have values up to the limit and not more") {
  const auto zeros = [](std::size_t count) {
    std::string text = "[0";
    for (std::size_t i = 1; i < count; ++i) text += ",0";
    return text + "]";
  };
  CHECK(parse_bounded_json(zeros(k_json_values - 1)));
  CHECK_THAT(parse_bounded_json(zeros(k_json_values)).error(), ContainsSubstring("too many values"));
}

TEST_CASE("brackets and commas in strings count for nothing, behind an escaped quote as well") {
  const auto many = std::string(2 * k_json_values, ',') + std::string(100, '[');
  CHECK(parse_bounded_json("[\"" + many + "\"]"));
  CHECK(parse_bounded_json("[\"\\\"" + many + "\\\\\"]"));
}

TEST_CASE("what is not UTF-8 is replaced on the way out") {
  CHECK(serialise(nlohmann::json("a\xff"
                                 "b")) ==
        "\"a\xef\xbf\xbd"
        "b\"");
}

TEST_CASE("flags are written only when they are set") {
  CHECK(serialise(MethodCall{"a.B", nlohmann::json::object(), true, true, true}) ==
        R"({"method":"a.B","more":true,"oneway":true,"parameters":{},"upgrade":true})");
  CHECK(serialise(MethodReply{{{"x", 1}}, true, "a.E"}) ==
        R"({"continues":true,"error":"a.E","parameters":{"x":1}})");
}
