#include "unit/queue/queue_bench.hpp"

using namespace concd;
using namespace concd::test;

TEST_CASE_METHOD(RunningBench, "the catalog is told by name, without secrets, with what is there") {
  configure(
      "[a]\nurl = \"https://one/a\"\n"
      "[b]\nurls = [\"https://me:secret@one/b\"]\nsize = 5\ndescription = \"The b\"\n"
      "[c]\nurl = \"https://one/c\"\nunpack = true\n");
  const auto job = download("b");
  fetch(job.transfer);
  const auto items = service.catalog("");
  REQUIRE(items.size() == 3);
  CHECK(items[0].path.empty());
  CHECK(items[1].name == "b");
  CHECK(items[1].description == "The b");
  CHECK(items[1].size == 5U);
  CHECK(items[1].path == folder.library("b"));
  CHECK(items[1].urls.at(0).find("secret") == std::string::npos);
  CHECK(items[2].unpack);
  REQUIRE(service.catalog("b").size() == 1);
  CHECK(service.catalog("b").at(0).name == "c");
  CHECK(service.catalog("c").empty());
}
