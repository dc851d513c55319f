#include "util/local_disks.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "util/file.hpp"

using namespace concd;

TEST_CASE("a file of a disk is told from what no disk has") {
  LocalDisks disks;
  const test::TemporaryFolder folder;
  CHECK(disks.have(open_file(folder.write("f", ""), O_RDWR).get()));
  CHECK_FALSE(disks.have(open_file("/proc/self/status", O_RDONLY).get()));
  CHECK_FALSE(disks.have(open_file("/dev/null", O_RDWR).get()));
  int ends[2]{};
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const UniqueFd from(ends[0]), to(ends[1]);
  CHECK_FALSE(disks.have(from.get()));
  CHECK_FALSE(disks.have(-1));
}
