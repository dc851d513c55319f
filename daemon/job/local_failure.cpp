#include "job/local_failure.hpp"

#include <cerrno>
#include <new>
#include <system_error>

#include "util/errno_error.hpp"

namespace concd::job {

Failure failure_of_errno(int error, const std::string& what) {
  const auto message = what + ": " + errno_text(error);
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return {FailureKind::file, RetryClass::disk_space, message};
    case EFBIG:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
    case ENOTDIR:
      return {FailureKind::file, RetryClass::none, message};
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EACCES:
    case EPERM:
    case EROFS:
      // Out of descriptors or memory, a folder that is read-only for a while: no origin is to blame.
      return {FailureKind::file, RetryClass::local_resource, message};
    default:
      // An I/O error may pass, too.
      return {FailureKind::file, RetryClass::retry, message};
  }
}

Failure failure_of(const std::exception& error) {
  if (const auto* system = dynamic_cast<const std::system_error*>(&error)) {
    auto failure = failure_of_errno(system->code().value(), "");
    failure.message = system->what();
    return failure;
  }
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr)
    return {FailureKind::other, RetryClass::local_resource, "out of memory"};
  return {FailureKind::other, RetryClass::retry, error.what()};
}

}  // namespace concd::job
