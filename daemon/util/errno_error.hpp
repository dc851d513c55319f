#pragma once

#include <cerrno>
#include <string>
#include <system_error>

namespace concd {

/// The exception for a failed system call: "CONTEXT: strerror". `error` is an errno value, errno(3).
[[nodiscard]] std::system_error errno_error(const std::string& context, int error = errno);

/// Throws errno_error when a system call returned a negative value; otherwise passes the value on.
template <typename T>
T check_errno(T result, const std::string& context) {
  if (result < 0) throw errno_error(context);
  return result;
}

/// strerror(3) as a string, safe from any thread.
[[nodiscard]] std::string errno_text(int error);

}  // namespace concd
