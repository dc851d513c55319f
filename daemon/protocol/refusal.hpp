#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "job/id.hpp"
#include "job/state.hpp"

namespace concd::protocol {

// The expected refusals; each is the error of the same name in io.concd.varlink.
struct UnknownName {
  std::string name;
  std::optional<std::string> nearest;
};
struct InvalidSource {
  std::string source;  ///< redacted
  std::string reason;
};
/// The descriptor of a Download or an Attach.
struct InvalidFile {
  std::string reason;
};
struct NoSuchJob {
  job::Id id;
};
struct NotPermitted {
  std::string reason;
};
struct QueueFull {
  std::size_t limit;
};
/// Of one user or of all; root may raise it.
struct LimitReached {
  std::string limit;  ///< the key of concd.toml(5): "limits.connections"
  std::uint64_t most = 0;
};
struct WrongState {
  job::Id id;
  job::State state;
  std::string verb;
};
struct NoResult {
  job::Id id;
  std::string reason;
};
struct ShuttingDown {};
struct StoreFailed {
  std::string reason;
};
using Refusal = std::variant<UnknownName, InvalidSource, InvalidFile, NoSuchJob, NotPermitted, QueueFull,
                             LimitReached, WrongState, NoResult, ShuttingDown, StoreFailed>;

}  // namespace concd::protocol
