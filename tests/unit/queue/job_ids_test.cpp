#include "queue/job_ids.hpp"

#include "support/catch.hpp"

using concd::queue::JobIds;
using Ids = std::vector<concd::job::Id>;

TEST_CASE("a set of jobs is in the order of their numbers") {
  JobIds ids;
  CHECK(ids == Ids{});
  ids.insert(7);
  CHECK(ids == Ids{7});
  ids.insert(9);
  ids.insert(3);
  CHECK(ids == Ids{3, 7, 9});
  CHECK(ids.front() == 3);
  CHECK(ids.size() == 3);
}

TEST_CASE("a job that leaves a set is no longer in it") {
  JobIds ids;
  ids.insert(7);
  ids.erase(8);
  CHECK(ids == Ids{7});
  ids.erase(7);
  CHECK(ids.empty());
  for (const auto id : {5, 6}) ids.insert(id);
  ids.erase(5);
  ids.erase(6);
  CHECK(ids.empty());
  ids.insert(4);
  CHECK(ids == Ids{4});
}
