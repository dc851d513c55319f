#include "worker/start_failure.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <system_error>

namespace concd::worker {
namespace {

/// The program is missing or cannot be run; anything else may pass: no memory, too many processes or
/// descriptors.
constexpr std::array k_final_errors{ENOENT, ENOTDIR, EACCES, ENOEXEC, ELIBBAD, EPERM};

bool is_final(const std::exception& error) {
  const auto* system = dynamic_cast<const std::system_error*>(&error);
  return system == nullptr ||
         std::ranges::find(k_final_errors, system->code().value()) != k_final_errors.end();
}

}  // namespace

job::Failure start_failure(const std::exception& error) {
  return {job::FailureKind::other, is_final(error) ? job::RetryClass::none : job::RetryClass::local_resource,
          std::string("a worker process cannot be started: ") + error.what()};
}

job::Failure unpacking_stopped() {
  return {job::FailureKind::cancelled, job::RetryClass::retry, "the unpacking was stopped"};
}

}  // namespace concd::worker
