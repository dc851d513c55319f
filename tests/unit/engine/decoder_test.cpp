#include "engine/decoder.hpp"

#include <zlib.h>

#include "bench.hpp"
#include "coded.hpp"
#include "engine/content_coding.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::engine;
using namespace concd::test;

namespace {

struct TextSink final : Sink {
  std::string text;
  std::size_t limit = std::string::npos;

  bool accept(const Answer&) override { return true; }
  bool write(std::string_view data) override {
    text += data;
    return text.size() <= limit;
  }
  void end(std::optional<job::Failure>) override {}
};

BodyCoding coding(const std::string& fields, const std::string& url, const std::string& type = "text/plain") {
  Response response;
  response.begin("HTTP/1.1 200 OK");
  response.add("Content-Type: " + type);
  response.add("Content-Encoding: " + fields);
  return coding_of(response, url, "https://two.example/x");
}

}  // namespace

TEST_CASE("a body is decoded piece by piece") {
  const auto text = noise(300'000) + std::string(200'000, 'x');
  const auto coded =
      GENERATE_COPY(gzip(text), gzip(text, 15), gzip(text.substr(0, 7)) + gzip(text.substr(7)));
  TextSink sink;
  Decoder decoder;
  CHECK(decoder.complete());
  for (std::size_t i = 0; i < coded.size(); i += 1000) {
    CHECK(decoder.write(std::string_view(coded).substr(i, 1000), sink));
    CHECK(decoder.complete() == (i + 1000 >= coded.size()));
    if (i == 0) CHECK_FALSE(sink.text.empty());
  }
  CHECK((sink.text == text));
}

TEST_CASE("what is damaged, cut short or followed by something else is no whole body") {
  const auto coded = gzip(noise(10'000));
  TextSink sink;
  Decoder decoder;
  SECTION("damaged") {
    auto damaged = coded;
    damaged[damaged.size() - 5] ^= 1;  // its checksum
    CHECK_FALSE(decoder.write(damaged, sink));
    CHECK_THAT(*decoder.fault(), ContainsSubstring("cannot be decoded"));
  }
  SECTION("not coded at all") {
    CHECK_FALSE(decoder.write("hello", sink));
    CHECK(decoder.fault());
  }
  SECTION("cut short") {
    CHECK(decoder.write(std::string_view(coded).substr(0, coded.size() - 1), sink));
    CHECK_FALSE(decoder.complete());
  }
  SECTION("followed by something else") {
    CHECK_FALSE(decoder.write(coded + "hello", sink));
    CHECK(decoder.fault());
  }
}

TEST_CASE("a bomb is stopped, a small file may be as dense as it likes") {
  TextSink sink;
  Decoder decoder;
  SECTION("a bomb") {
    CHECK_FALSE(decoder.write(gzip(std::string(64 << 20, '\0')), sink));
    CHECK_THAT(*decoder.fault(), ContainsSubstring("more than a hundred times its size"));
    CHECK(sink.text.size() < (17 << 20));
  }
  SECTION("a small file") {
    CHECK(decoder.write(gzip(std::string(10 << 20, '\0')), sink));
    CHECK(decoder.complete());
  }
  SECTION("more than the sink takes") {
    sink.limit = 1000;
    CHECK_FALSE(decoder.write(gzip(noise(1'000'000)), sink));
    CHECK_FALSE(decoder.fault());
    CHECK(sink.text.size() < 100'000);
  }
}

TEST_CASE("the coded form may be what was asked for") {
  const std::string url = "https://one.example/f.iso";
  CHECK(coding("gzip", "https://one.example/f.tar.gz?x=y") == BodyCoding::plain);
  CHECK(coding("x-gzip", "https://one.example/F.TGZ") == BodyCoding::plain);
  for (const auto* const type :
       {"application/gzip", "application/x-gzip; charset=binary", "x-gzip", "Application/GZIP"})
    CHECK(coding("gzip", url, type) == BodyCoding::plain);
  for (const auto* const none : {"", "identity", "none", "None", "identity, none"})
    CHECK(coding(none, url) == BodyCoding::plain);
  for (const auto* const known : {"gzip", "x-gzip", "deflate", "GZIP", "gzip, identity"})
    CHECK(coding(known, url) == BodyCoding::coded);
  CHECK(coding("deflate", "https://one.example/f.gz") == BodyCoding::coded);
  for (const auto* const unknown : {"br", "zstd", "compress", "gzip, gzip", "gzip, br", "?"})
    CHECK(coding(unknown, "https://one.example/f.gz") == BodyCoding::foreign);
}
