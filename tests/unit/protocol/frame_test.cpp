#include "protocol/frame.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace concd::protocol;
using namespace std::string_literals;

TEST_CASE("frames come out whole and in order, however the bytes were cut") {
  const auto bytes = encode_frame("one") + encode_frame("") + encode_frame("three");
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    FrameReader reader;
    std::vector<std::string> frames;
    for (std::size_t i = 0; i < bytes.size(); i += step) {
      CHECK(reader.feed(std::string_view(bytes).substr(i, step)));
      while (auto frame = reader.next()) frames.push_back(*frame);
    }
    CHECK(frames == std::vector{"one"s, ""s, "three"s});
    CHECK(reader.pending() == 0);
  }
}

TEST_CASE("the longest frame is taken, one byte more is not") {
  FrameReader reader;
  CHECK(reader.feed(encode_frame(std::string(k_frame_limit, 'x'))));
  CHECK(reader.next()->size() == k_frame_limit);
  CHECK(reader.feed(std::string(k_frame_limit, 'x')));
  CHECK_FALSE(reader.feed("x"));
  CHECK_FALSE(reader.next());
}

TEST_CASE("the frames before an overlong one still come out") {
  FrameReader reader;
  CHECK_FALSE(reader.feed(encode_frame("first") + std::string(k_frame_limit + 1, 'x')));
  CHECK(reader.next() == "first");
  CHECK_FALSE(reader.next());
  CHECK_FALSE(reader.feed(encode_frame("later")));
  CHECK_FALSE(reader.next());
}

TEST_CASE("what cannot be a frame is not made one") {
  CHECK_THROWS_AS(encode_frame("a\0b"s), std::invalid_argument);
  CHECK_THROWS_AS(encode_frame(std::string(k_frame_limit + 1, 'x')), std::length_error);
}
