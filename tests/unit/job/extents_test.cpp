#include "job/extents.hpp"

#include "support/catch.hpp"

using namespace concd::job;

TEST_CASE("ranges that touch or overlap become one") {
  Extents extents;
  add(extents, {10, 5});
  add(extents, {0, 0});
  CHECK(extents == Extents{{10, 5}});
  SECTION("before") {
    add(extents, {0, 9});
    CHECK(extents == Extents{{0, 9}, {10, 5}});
    add(extents, {9, 1});
    CHECK(extents == Extents{{0, 15}});
  }
  SECTION("after") {
    add(extents, {20, 5});
    add(extents, {14, 2});
    CHECK(extents == Extents{{10, 6}, {20, 5}});
    add(extents, {15, 10});
    CHECK(extents == Extents{{10, 15}});
  }
  SECTION("inside") {
    add(extents, {11, 2});
    CHECK(extents == Extents{{10, 5}});
  }
  SECTION("over several") {
    add(extents, {20, 5});
    add(extents, {30, 5});
    add(extents, {12, 20});
    CHECK(extents == Extents{{10, 25}});
  }
}

TEST_CASE("what ranges hold is counted") {
  CHECK(covered({}) == 0);
  CHECK(end_of({}) == 0);
  CHECK(front({}) == 0);
  const Extents extents{{0, 10}, {20, 5}};
  CHECK(covered(extents) == 15);
  CHECK(end_of(extents) == 25);
  CHECK(front(extents) == 10);
  CHECK(front({{1, 10}}) == 0);
}

TEST_CASE("a range is covered by one of them or not at all") {
  const Extents extents{{0, 10}, {20, 5}};
  CHECK(covers(extents, {0, 10}));
  CHECK(covers(extents, {20, 5}));
  CHECK(covers(extents, {22, 1}));
  CHECK(covers(extents, {15, 0}));
  CHECK_FALSE(covers(extents, {9, 2}));
  CHECK_FALSE(covers(extents, {10, 1}));
  CHECK_FALSE(covers(extents, {19, 2}));
  CHECK_FALSE(covers(extents, {24, 2}));
  CHECK_FALSE(covers(extents, {25, 1}));
}

TEST_CASE("what is cut off is in no range") {
  const Extents extents{{0, 10}, {20, 5}};
  CHECK(below(extents, 0).empty());
  CHECK(below(extents, 5) == Extents{{0, 5}});
  CHECK(below(extents, 20) == Extents{{0, 10}});
  CHECK(below(extents, 21) == Extents{{0, 10}, {20, 1}});
  CHECK(below(extents, 100) == extents);
}

TEST_CASE("the first gap is what is missing before the next range") {
  CHECK(first_gap({}, 10) == Extent{0, 10});
  CHECK(first_gap({{5, 2}}, 10) == Extent{0, 5});
  CHECK(first_gap({{0, 4}, {6, 2}}, 10) == Extent{4, 2});
  CHECK(first_gap({{0, 4}}, 10) == Extent{4, 6});
  CHECK(first_gap({{0, 4}, {6, 10}}, 5) == Extent{4, 1});
  CHECK_FALSE(first_gap({{0, 10}}, 10));
  CHECK_FALSE(first_gap({}, 0));
}
