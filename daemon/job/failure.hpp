#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "util/clock.hpp"

namespace concd::job {

/// Why a job did not come to its end, in the classes that concctl's exit codes tell apart.
enum class FailureKind {
  other,           ///< exit 1
  file,            ///< a local file or disk, exit 3
  network,         ///< no name, no route, no connection, dropped, stalled: exit 4
  tls,             ///< certificate or handshake, exit 5
  authentication,  ///< 401, 403, 407, FTP 530: exit 6
  server,          ///< any other error that the server answered, exit 8
  verification,    ///< digest or size are not the expected ones, exit 10
  cancelled,       ///< exit 12
};

[[nodiscard]] std::string_view to_string(FailureKind kind);
[[nodiscard]] std::optional<FailureKind> failure_kind_from_string(std::string_view text);

/// The exit code of concctl for the kind, wget(1)'s classes where it has one.
[[nodiscard]] int exit_code(FailureKind kind);

/// What may be done about a failure; the scheduler's retry policy decides by it.
enum class RetryClass {
  none,            ///< final: trying again would end the same way
  retry,           ///< try again after a delay, uses up a try
  host_backoff,    ///< the same, and until then the host is left alone by all: nobody could connect to it now
  offline,         ///< name not resolved or no route: wait without using up tries
  disk_space,      ///< the disk is full: wait until it has space
  local_resource,  ///< this machine lacks descriptors, memory, processes or its folder: wait without using up
                   ///< tries
  mirror,          ///< this URL is final but the next one of the list may do
};

[[nodiscard]] std::string_view to_string(RetryClass retry_class);
[[nodiscard]] std::optional<RetryClass> retry_class_from_string(std::string_view text);

/// One attempt's failure.
struct Failure {
  FailureKind kind = FailureKind::other;
  RetryClass retry_class = RetryClass::none;
  std::string message;                        ///< one sentence for a person; holds no secret
  int code = 0;                               ///< HTTP or FTP status where a server answered, else 0
  std::optional<Microseconds> retry_after{};  ///< what the server asks for, RFC 9110 §10.2.3
};

}  // namespace concd::job
