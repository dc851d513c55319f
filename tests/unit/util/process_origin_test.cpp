#include "util/process_origin.hpp"

#include <fstream>

#include <unistd.h>

#include "support/catch.hpp"

using namespace concd;

TEST_CASE("a process that has none, or is not there, has neither unit nor session") {
  for (const pid_t pid : {0, -1, 1 << 22}) {
    const ProcessOrigin origin(pid);
    CHECK(origin.unit().empty());
    CHECK(origin.session().empty());
  }
}

TEST_CASE("a process is in the unit that its control group names") {
  const ProcessOrigin origin(::getpid());
  std::string line;
  std::getline(std::ifstream("/proc/self/cgroup"), line);
  if (!origin.unit().empty()) CHECK_THAT(line, ContainsSubstring(origin.unit()));
}
