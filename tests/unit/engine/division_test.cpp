#include "engine/division.hpp"

#include "support/catch.hpp"

using namespace concd::engine;
using concd::job::Extents;

namespace {

constexpr std::uint64_t k_mib = 1 << 20;

}  // namespace

TEST_CASE("what nobody fetches comes first") {
  const std::vector<Share> shares{{10, 400, 1, true}, {600, 1000, 1, true}};
  CHECK(next_piece({{0, 10}}, 1000, shares) == Piece{{400, 200}, {}});
  CHECK(next_piece({{0, 10}, {500, 100}}, 1000, shares) == Piece{{400, 100}, {}});
  CHECK(next_piece({}, 1000, {}) == Piece{{0, 1000}, {}});
}

TEST_CASE("then the latter half of what would take longest") {
  const std::uint64_t total = 20 * k_mib;
  SECTION("because it is long") {
    CHECK(next_piece({}, total, {{0, 4 * k_mib, 10, true}, {4 * k_mib, total, 10, true}}) ==
          Piece{{12 * k_mib, 8 * k_mib}, 1});
  }
  SECTION("because it is slow") {
    CHECK(next_piece({}, total, {{0, 4 * k_mib, 10, true}, {4 * k_mib, total, 1000, true}}) ==
          Piece{{2 * k_mib, 2 * k_mib}, 0});
  }
  SECTION("because nothing has come yet") {
    CHECK(next_piece({}, total, {{0, 4 * k_mib, 0, false}, {4 * k_mib, total, 1000, true}}) ==
          Piece{{2 * k_mib, 2 * k_mib}, 0});
  }
}

TEST_CASE("pieces begin at round places") {
  const auto piece = next_piece({{0, 7}}, 10 * k_mib, {{7, 10 * k_mib, 1, true}});
  REQUIRE(piece);
  CHECK(piece->range.offset % 65536 == 0);
  CHECK(piece->range.end() == 10 * k_mib);
}

TEST_CASE("what is small is not divided") {
  CHECK_FALSE(next_piece({}, 2 * k_mib - 1, {{0, 2 * k_mib - 1, k_mib, true}}));
  CHECK(next_piece({}, 2 * k_mib, {{0, 2 * k_mib, k_mib, true}}));
}

TEST_CASE("the end of a slow one is asked for twice, and no more") {
  const Share slow{5 * k_mib, 6 * k_mib, 1000, true};
  const Extents written{{0, 5 * k_mib}};
  CHECK(next_piece(written, 6 * k_mib, {slow}) == Piece{{5 * k_mib, k_mib}, {}});
  CHECK_FALSE(next_piece(written, 6 * k_mib, {slow, {5 * k_mib + 10, 6 * k_mib, 2000, true}}));
  SECTION("but not of one that is fast enough") {
    CHECK_FALSE(next_piece(written, 6 * k_mib, {{5 * k_mib, 6 * k_mib, k_mib, true}}));
  }
  SECTION("nor of one that has hardly begun") {
    CHECK_FALSE(next_piece(written, 6 * k_mib, {{5 * k_mib, 6 * k_mib, 0, false}}));
  }
}
