#include "util/log.hpp"

#include "support/catch.hpp"

using namespace concd;

TEST_CASE("an entry is taken apart into its text and its fields") {
  const std::string payload = std::string("job 1 is done") + '\0' + "CONCD_JOB_ID=1" + '\0' + "CONCD_NAME=";
  const auto entry = log::split(payload);
  CHECK(entry.message == "job 1 is done");
  REQUIRE(entry.fields.size() == 2);
  CHECK(entry.fields[0] == "CONCD_JOB_ID=1");
  CHECK(entry.fields[1] == "CONCD_NAME=");
}

TEST_CASE("a plain message has no fields") {
  const auto entry = log::split("just text");
  CHECK(entry.message == "just text");
  CHECK(entry.fields.empty());
}
