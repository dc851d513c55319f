#include "publish/place.hpp"

#include "publication_maker.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace concd;
using publish::replace_by;
using test::read;
namespace fs = std::filesystem;

TEST_CASE("a file takes the place of a file, and nothing is left") {
  const test::TemporaryFolder root;
  root.write("new", "new");
  root.write("old", "old");
  CHECK_FALSE(replace_by(root.path() / "new", root.path() / "old"));
  CHECK(read(root.path() / "old") == "new");
  CHECK_FALSE(fs::exists(root.path() / "new"));
}

TEST_CASE("what a folder takes the place of, or the other way round, is found in its old place") {
  const test::TemporaryFolder root;
  root.write("folder/inner", "inner");
  root.write("file", "file");
  CHECK(replace_by(root.path() / "folder", root.path() / "file"));
  CHECK(read(root.path() / "folder") == "file");
  CHECK(read(root.path() / "file/inner") == "inner");
  CHECK(replace_by(root.path() / "folder", root.path() / "file"));
  CHECK(read(root.path() / "file") == "file");
  CHECK_FALSE(replace_by(root.path() / "folder", root.path() / "third"));
  CHECK(read(root.path() / "third/inner") == "inner");
}

TEST_CASE("a failed rename names where it would have gone") {
  const test::TemporaryFolder root;
  root.write("file", "file");
  CHECK_THROWS_WITH(static_cast<void>(replace_by(root.path() / "file", root.path() / "no/where")),
                    ContainsSubstring("cannot publish " + (root.path() / "no/where").string()));
}
