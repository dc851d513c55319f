#include "library/state_folder.hpp"

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace concd;
using library::StateFolder;

TEST_CASE("the library has a name as a file or as a folder") {
  const test::TemporaryFolder root;
  const StateFolder folder(root.path());
  folder.prepare();
  std::filesystem::create_directory(folder.library("unpacked"));
  root.write("library/plain", "x");
  const auto has = [&](const std::string& name, std::uint64_t size, bool as_folder) {
    return folder.has({name, "", {}, size, "", {}}, as_folder);
  };
  CHECK(has("plain", 1, false));
  CHECK_FALSE(has("plain", 2, false));
  CHECK_FALSE(has("plain", 1, true));
  CHECK(has("unpacked", 5, true));
  CHECK_FALSE(has("unpacked", 5, false));
  CHECK_FALSE(has("nothing", 0, false));
  CHECK_FALSE(has(std::string(300, 'x'), 0, false));
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
