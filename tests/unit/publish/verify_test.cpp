#include "publish/verify.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include "publication_maker.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::test;
using job::RetryClass;
using publish::Result;
namespace fs = std::filesystem;

namespace {

std::optional<Result> verify(const PublicationMaker& maker, bool stopped = false) {
  const std::atomic<bool> stop{stopped};
  return publish::verify(maker.publication, stop);
}

/// The failure of a file that is refused.
job::Failure refusal(const PublicationMaker& maker) {
  const auto result = verify(maker);
  REQUIRE(result);
  REQUIRE(result->kind == Result::Kind::failed);
  CHECK(result->failure->kind == job::FailureKind::verification);
  return *result->failure;
}

}  // namespace

TEST_CASE("a file that is as reported and expected is right") {
  PublicationMaker maker;
  CHECK_FALSE(verify(maker));
  maker.publication.expected_size = 5;
  maker.publication.expected_digest = digest_of_whole();
  CHECK_FALSE(verify(maker));
}

TEST_CASE("a file of another size than reported is refused") {
  PublicationMaker maker;
  maker.publication.size = 6;
  CHECK_THAT(refusal(maker).message, ContainsSubstring("5 bytes instead of 6 bytes"));
  maker.publication.size = 4;
  CHECK_THAT(refusal(maker).message, ContainsSubstring("5 bytes instead of 4 bytes"));
}

TEST_CASE("a file that is gone or another one is refused") {
  const PublicationMaker maker;
  fs::remove(maker.publication.part);
  CHECK_THAT(refusal(maker).message, ContainsSubstring("no longer in its place"));
  maker.root.write("partial/17.1.part", "whole");
  CHECK_THAT(refusal(maker).message, ContainsSubstring("no longer in its place"));
  fs::remove(maker.publication.part);
  maker.root.write("other", "whole");
  fs::create_symlink(maker.root.path() / "other", maker.publication.part);
  CHECK_THAT(refusal(maker).message, ContainsSubstring("no longer in its place"));
}

TEST_CASE("what is not a regular file is refused") {
  PublicationMaker maker;
  int ends[2] = {-1, -1};
  REQUIRE(::pipe(ends) == 0);
  const UniqueFd writing(ends[1]);
  maker.publication.file = std::make_shared<UniqueFd>(ends[0]);
  CHECK_THAT(refusal(maker).message, ContainsSubstring("not a regular file"));
}

TEST_CASE("a file of another size than expected is another mirror's business") {
  PublicationMaker maker;
  maker.publication.expected_size = 7;
  const auto failure = refusal(maker);
  CHECK(failure.message == "the file is not the expected one: 5 bytes where 7 were expected");
  CHECK(failure.retry_class == RetryClass::mirror);
}

TEST_CASE("a wrong digest is told; bytes that were joined on trust are fetched again") {
  PublicationMaker maker("wrong");
  maker.publication.expected_digest = digest_of_whole();
  const auto failure = refusal(maker);
  CHECK(failure.message ==
        "the file is not the expected one: its sha256 is "
        "8810ad581e59f2bc3928b261707a71308f7e139eb04820366dc4d5c18d980225");
  CHECK(failure.retry_class == RetryClass::mirror);
  maker.publication.validated = false;
  CHECK(refusal(maker).retry_class == RetryClass::retry);
}

TEST_CASE("a digest that was made as the bytes came is not made again") {
  PublicationMaker maker("wrong");
  maker.publication.expected_digest = digest_of_whole();
  maker.publication.digest = digest_of_whole().hex;
  CHECK_FALSE(verify(maker));
  maker.publication.digest = "beef";
  CHECK_THAT(refusal(maker).message, ContainsSubstring("its sha256 is beef"));
}

TEST_CASE("the digest is of the whole file, wherever its descriptor stands") {
  PublicationMaker maker;
  maker.publication.expected_digest = digest_of_whole();
  REQUIRE(::lseek(maker.publication.file->get(), 3, SEEK_SET) == 3);
  CHECK_FALSE(verify(maker));
}

TEST_CASE("reading the file ends early when stopped") {
  PublicationMaker maker;
  maker.publication.expected_digest = digest_of_whole();
  const auto result = verify(maker, true);
  REQUIRE(result);
  CHECK(result->kind == Result::Kind::stopped);
}

TEST_CASE("a file that was published is whole as long as it has its digest") {
  const PublicationMaker maker;
  const std::atomic<bool> go_on{false}, stop{true};
  const publish::Doubt doubt{maker.publication.file, 5, digest_of_whole()};
  CHECK(publish::still_whole(doubt, go_on) == job::stamp_of(maker.publication.file->get()));
  CHECK_FALSE(publish::still_whole(doubt, stop));
  CHECK_FALSE(publish::still_whole({doubt.file, 6, doubt.digest}, go_on));
  REQUIRE(::pwrite(doubt.file->get(), "W", 1, 0) == 1);
  CHECK_FALSE(publish::still_whole(doubt, go_on));
}
