#include "job/local_failure.hpp"

#include <cerrno>
#include <new>
#include <system_error>

#include "support/catch.hpp"

using namespace concd;
using namespace concd::job;

TEST_CASE("a full disk waits for space, other trouble with files may pass") {
  CHECK(failure_of_errno(ENOSPC, "cannot write X").retry_class == RetryClass::disk_space);
  CHECK(failure_of_errno(EDQUOT, "cannot write X").retry_class == RetryClass::disk_space);
  CHECK(failure_of_errno(EMFILE, "cannot open X").retry_class == RetryClass::local_resource);
  CHECK(failure_of_errno(ENFILE, "cannot open X").retry_class == RetryClass::local_resource);
  CHECK(failure_of_errno(ENOMEM, "cannot open X").retry_class == RetryClass::local_resource);
  CHECK(failure_of_errno(EROFS, "cannot open X").retry_class == RetryClass::local_resource);
  CHECK(failure_of_errno(EIO, "cannot open X").retry_class == RetryClass::retry);
  CHECK(failure_of_errno(ENOTDIR, "cannot open X").retry_class == RetryClass::none);
  CHECK(failure_of_errno(ENOSPC, "cannot write X").kind == FailureKind::file);
  CHECK_THAT(failure_of_errno(ENOSPC, "cannot write X").message, ContainsSubstring("cannot write X: "));
}

TEST_CASE("exceptions become failures") {
  CHECK(failure_of(std::bad_alloc()).retry_class == RetryClass::local_resource);
  CHECK(failure_of(std::system_error(ENOSPC, std::generic_category(), "X")).retry_class ==
        RetryClass::disk_space);
}
