#include "dispatch/state_folder.hpp"

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace concd;
using dispatch::StateFolder;

TEST_CASE("the library has a name as a file or as a folder") {
  const test::TemporaryFolder root;
  const StateFolder folder(root.path());
  folder.prepare();
  std::filesystem::create_directory(folder.library("unpacked"));
  root.write("library/plain", "x");
  CHECK(folder.has("plain", false));
  CHECK_FALSE(folder.has("plain", true));
  CHECK(folder.has("unpacked", true));
  CHECK_FALSE(folder.has("unpacked", false));
  CHECK_FALSE(folder.has("nothing", false));
  CHECK_FALSE(folder.has(std::string(300, 'x'), false));
}

TEST_CASE("what lies in a transfer's folders and is none of theirs is removed") {
  const test::TemporaryFolder root;
  const StateFolder folder(root.path());
  folder.prepare();
  root.write("results/7", "x");
  root.write("results/strange", "x");
  CHECK(folder.transfers_with_result() == std::vector<job::Id>{7});
  CHECK_FALSE(std::filesystem::exists(root.path() / "results/strange"));
  folder.remove_result(7);
  CHECK_FALSE(std::filesystem::exists(folder.result(7)));
}
